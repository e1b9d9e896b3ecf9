"""``deepracer-local export``: a trained car for the physical one, and for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepracer_local.cli._output import messages, print_json
from deepracer_local.domain import ExportFormat
from deepracer_local.runs import RunDirectory

app = typer.Typer(add_completion=False)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="The run directory of a training.")],
    checkpoint: Annotated[str, typer.Option(help="best, last, or the name of a checkpoint.")] = "best",
    form: Annotated[
        ExportFormat, typer.Option("--format", help="For the physical car, or for another program.")
    ] = ExportFormat.CAR,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file to write; else model.tar.gz, ...")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Write a trained network as a file that the physical car drives with, tested on a lap before it is there."""
    from deepracer_local.workers.exporting import describe_report, export_run  # noqa: PLC0415  # --help needs no learner

    if not as_json:
        messages().print(f"driving a lap with checkpoint {checkpoint}, writing and testing the file", markup=False)
    [made] = export_run(RunDirectory(run), [form], checkpoint=checkpoint, target=out or Path(form.file_name))
    if as_json:
        print_json({"path": str(made.path), **made.report.model_dump(mode="json")})
        return
    typer.echo(f"{made.path}: {made.report.size / 1e6:.1f} MB, checkpoint {made.report.checkpoint}")
    typer.echo(f"self-test: {describe_report(made.report)}")
