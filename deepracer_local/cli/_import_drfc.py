"""``deepracer-local import-drfc``: what deepracer-for-cloud was told, as a model here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepracer_local.cli._import import bring_in

app = typer.Typer(add_completion=False)


@app.command("import-drfc")
def import_drfc(
    folder: Annotated[Path, typer.Argument(help="The folder with run.env, system.env and custom_files/.")],
    name: Annotated[str, typer.Option(help="What to call the model.")] = "drfc",
    track: Annotated[str | None, typer.Option(help="Drive on this track instead of DR_WORLD_NAME.")] = None,
    description: Annotated[str, typer.Option(help="What there is to say about it.")] = "",
    out: Annotated[Path | None, typer.Option(help="Make this run directory; no service is needed.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key imports once.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Take over what a folder of deepracer-for-cloud says: track, race, reward function, actions, hyperparameters.

    The files are read as text and never run by a shell. Settings without a counterpart here are listed.
    """
    from deepracer_local.interop import read_drfc  # noqa: PLC0415  # --help need not load it

    bring_in(lambda target: read_drfc(folder, target), name, track, description, out, idempotency_key, as_json)
