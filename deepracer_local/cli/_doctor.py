"""``deepracer-local doctor``: whether this machine can do what the service promises."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepracer_local.cli._output import EXIT_OUR_FAULT, print_json
from deepracer_local.cli._service import Json, service
from deepracer_local.reward.sandbox import try_wall
from deepracer_local.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    as_json: Json = False,
    of_service: Annotated[
        bool, typer.Option("--service", help="What stands on the machine of the service, by its own test.")
    ] = False,
) -> None:
    """Try the wall around reward functions from inside. Exit code 1 where something gets through."""
    if of_service:
        with service(as_json=as_json) as client:
            found = client.request("GET", "/sandbox")
    else:
        found = _try_here()
    if as_json:
        print_json(found)
    else:
        _print(found)
    if not found["is_safe"]:
        raise typer.Exit(EXIT_OUR_FAULT)


def _try_here() -> dict[str, Any]:
    options = Settings().sandbox_options
    report = try_wall(options)
    return {
        "policy": options.policy,
        "is_safe": report.is_safe,
        "message": report.sentence,
        "layers": list(report.wall.layers),
        "missing": list(report.wall.missing),
        "open_probes": list(report.open_probes),
        "probes": report.n_probes,
        "system_calls": report.n_open_calls,
    }


def _print(found: dict[str, Any]) -> None:
    typer.echo(found["message"])
    for name in found["layers"]:
        typer.echo(f"  stands   {name}")
    for sentence in found["missing"]:
        typer.echo(f"  missing  {sentence}")
    for probe in found["open_probes"]:
        typer.echo(f"  OPEN     {probe}")
    n_refused = found["probes"] - len(found["open_probes"])
    typer.echo(f"  {n_refused} of {found['probes']} attempts to get out were refused")
