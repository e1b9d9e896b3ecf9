"""``deepracer-local models convert, exports``: files of a model for the physical car and other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import Json, ModelId, describe_job, print_rows, resolve, service
from deepracer_local.domain import ExportFormat

app = typer.Typer()

_COLUMNS = ["checkpoint", "format", "size", "frames", "agreement", "largest_difference"]


@app.command()
def convert(
    model: ModelId,
    checkpoint: Annotated[str, typer.Option(help="best, last, or the name of a checkpoint.")] = "best",
    form: Annotated[
        list[ExportFormat] | None, typer.Option("--format", help="car, onnx or tflite; again for more. [default: car]")
    ] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Only queue it; `models exports` lists the files.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Have files of a checkpoint made for the physical car and other programs, each tested on a drive."""
    formats = [one.value for one in form or [ExportFormat.CAR]]
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        if no_wait:
            job = handle.queue_export(checkpoint=checkpoint, formats=formats)
        else:
            reports = handle.export(checkpoint=checkpoint, formats=formats)
    if as_json:
        print_json(job if no_wait else {"exports": reports})
    elif no_wait:
        typer.echo(f"export {job['id']}: {describe_job(job)}")
    else:
        print_rows(reports, _COLUMNS)


@app.command()
def exports(model: ModelId, as_json: Json = False) -> None:
    """List the files that were made for the physical car and other programs; `models download --format` gets one."""
    with service(as_json=as_json) as client:
        found = client.request("GET", f"/models/{resolve(client, model)}/exports")
    if as_json:
        print_json(found)
        return
    print_rows([one["report"] for one in found["exports"]], _COLUMNS)
    if found["why_not_on_the_car"]:
        typer.echo(found["why_not_on_the_car"])
