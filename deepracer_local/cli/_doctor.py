"""``deepracer-local doctor``: whether this machine can do what the service promises."""

from __future__ import annotations

from typing import Annotated

import typer

from deepracer_local.cli._output import EXIT_OUR_FAULT, print_json
from deepracer_local.reward.sandbox import try_wall
from deepracer_local.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Try the wall around reward functions from inside. Exit code 1 where something gets through."""
    options = Settings().sandbox_options
    report = try_wall(options)
    if as_json:
        print_json(
            {
                "policy": options.policy,
                "is_safe": report.is_safe,
                "message": report.sentence,
                "layers": list(report.wall.layers),
                "missing": list(report.wall.missing),
                "open_probes": list(report.open_probes),
                "probes": report.n_probes,
                "system_calls": report.n_open_calls,
            }
        )
    else:
        typer.echo(report.sentence)
        for name in report.wall.layers:
            typer.echo(f"  stands   {name}")
        for sentence in report.wall.missing:
            typer.echo(f"  missing  {sentence}")
        for probe in report.open_probes:
            typer.echo(f"  OPEN     {probe}")
        typer.echo(
            f"  {report.n_probes - len(report.open_probes)} of {report.n_probes} attempts to get out were refused"
        )
    if not report.is_safe:
        raise typer.Exit(EXIT_OUR_FAULT)
