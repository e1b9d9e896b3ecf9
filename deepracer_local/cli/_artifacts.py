"""``deepracer-local artifacts ...``: the room that files take, from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import Json, service

CLEAN_UP_TIMEOUT_S = 3600.0

app = typer.Typer(help="Free the room of files that nothing needs.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Free the room of files that nothing needs."""


@app.command("clean-up")
def clean_up(
    older_than: Annotated[
        int, typer.Option(min=1, max=100_000, help="Hours; what is younger stays. 24 by default.")
    ] = 24,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, say what would be removed.")] = False,
    as_json: Json = False,
) -> None:
    """Remove files that neither a model nor an unfinished job needs, and the run directories of jobs that are over."""
    with service(as_json=as_json) as client:
        wish = {"older_than_hours": older_than, "dry_run": dry_run}
        done = client.request("POST", "/clean-up", json=wish, timeout=CLEAN_UP_TIMEOUT_S)
    if as_json:
        print_json(done)
        return
    for key in done["keys"]:
        typer.echo(key)
    typer.echo(
        f"{'would remove' if dry_run else 'removed'} {done['artifacts']:,} artifacts, {done['run_directories']:,} run "
        f"directories and {done['refused']:,} refused uploads: {done['freed_bytes'] / 1e6:,.1f} MB"
    )
