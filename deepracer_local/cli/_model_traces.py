"""``deepracer-local models traces | trace``: every step that a model's cars drove."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import After, Json, Limit, ModelId, print_rows, print_saved, resolve, service
from deepracer_local.client import trace_request

app = typer.Typer()

_COLUMNS = ["row", "episode", "steps", "X", "Y", "yaw", "steer", "throttle", "measured_speed", "reward", "progress"]


class Kind(StrEnum):
    """What left a trace."""

    EPISODE = "episode"
    TRAINING = "training"
    EVALUATION = "evaluation"
    JOB = "job"


class Car(StrEnum):
    """Whose trace it is, of a race of two models."""

    MODEL = "model"
    OPPONENT = "opponent"


CarOption = Annotated[Car | None, typer.Option("--car", help="Of a job that was a race of two: model or opponent.")]


class Driven(StrEnum):
    """What left a file about the road."""

    TRAINING = "training"
    EVALUATION = "evaluation"
    JOB = "job"


@app.command()
def traces(
    model: ModelId,
    evaluation: Annotated[bool, typer.Option("--evaluation", help="Of the evaluations that training drove.")] = False,
    after: After = -1,
    limit: Limit = 1_000,
    as_json: Json = False,
) -> None:
    """List the step traces of a training: one per iteration."""
    query = {"kind": "evaluation" if evaluation else "training", "after": after, "limit": limit}
    with service(as_json=as_json) as client:
        found = client.request("GET", f"/models/{resolve(client, model)}/traces", params=query)
    if as_json:
        print_json(found)
    else:
        print_rows(found["traces"], ["kind", "number", "steps", "episodes", "size"], after="number", limit=limit)


@app.command()
def trace(
    model: ModelId,
    kind: Annotated[
        Kind,
        typer.Argument(
            help="episode: one of the training, whole; training: an iteration; evaluation: one that training drove; "
            "job: one that was asked for."
        ),
    ],
    number: Annotated[str, typer.Argument(help="The number that `models episodes` or `traces` says; of a job its id.")],
    episode: Annotated[int | None, typer.Option(min=0, help="Of an iteration only this episode.")] = None,
    lap: Annotated[int | None, typer.Option(min=1, help="Of a job or an evaluation only this lap.")] = None,
    car: CarOption = None,
    after: After = -1,
    limit: Limit = 1_000,
    csv: Annotated[bool, typer.Option("--csv", help="All steps as CSV on standard output.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The CSV file to write, with all steps.")] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Of the CSV only these, with commas between them: X,Y,reward.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the steps of a training's episode, of an iteration, or of an evaluation."""
    chosen = {"episode": episode, "lap": lap, "car": car and car.value}
    choice = {name: value for name, value in chosen.items() if value is not None}
    if csv and as_json:
        raise typer.BadParameter("expected --csv or --json, got both. Choose one.")
    if columns is not None and not csv and out is None:
        raise typer.BadParameter("expected --csv or --out with --columns, got neither. Choose one.")
    narrowed = {} if columns is None else {"columns": columns}
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        if out is not None:
            print_saved(
                handle.save_trace(out, kind.value, number, columns=columns and columns.split(","), **choice),
                as_json=as_json,
            )
            return
        path, query = trace_request(kind.value, number, **choice)
        if csv:
            typer.echo(client.text(f"/models/{handle.id}{path}.csv", params=query | narrowed), nl=False)
            return
        query |= {"after": after, "limit": limit}
        found = client.request("GET", f"/models/{handle.id}{path}", params=query)
    if as_json:
        print_json(found)
    else:
        print_rows(found["rows"], [*_COLUMNS, "episode_status"], after="row", limit=limit)


@app.command()
def objects(
    model: ModelId,
    kind: Annotated[
        Driven,
        typer.Argument(
            help="training: an iteration; evaluation: one that training drove; job: one that was asked for."
        ),
    ],
    number: Annotated[str, typer.Argument(help="The number that `models traces` says; of a job its id.")],
    episode: Annotated[int | None, typer.Option(min=0, help="Only this episode of the trace.")] = None,
    car: CarOption = None,
    as_json: Json = False,
) -> None:
    """Print what was on the road beside the car; a row holds until the next one of its episode."""
    with service(as_json=as_json) as client:
        found = client.model(resolve(client, model)).objects(kind.value, number, episode=episode, car=car and car.value)
    if as_json:
        print_json({"rows": found})
        return
    columns = ["episode", "steps", "kind", "x", "y", "yaw", "speed"]
    print_rows([{**row, **item} for row in found for item in row["objects"]], columns)
