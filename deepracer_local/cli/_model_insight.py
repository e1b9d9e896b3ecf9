"""``deepracer-local models insight``: what the network looked at on an evaluated lap."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import Json, ModelId, print_rows, print_saved, resolve, service
from deepracer_local.client import ModelHandle, ServiceError
from deepracer_local.domain import LapInsight

app = typer.Typer()

_COLUMNS = ["step", "time_s", "steering_angle_deg", "chosen_speed_mps", "probability", "value"]


@app.command()
def insight(
    model: ModelId,
    evaluation: Annotated[
        str | None, typer.Argument(help="The evaluation's id; without one the newest that has laps.")
    ] = None,
    lap: Annotated[int, typer.Option(min=1, help="Which lap of it.")] = 1,
    step: Annotated[int, typer.Option(min=1, help="Which step of the lap, for --out.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The PNG file to draw the step into.")] = None,
    as_json: Json = False,
) -> None:
    """Show what the network saw, how probable its actions were, and where it looked."""
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        found = handle.insight(evaluation or _newest(handle), lap=lap)
        if out is not None:
            from deepracer_local.views import draw_insight  # noqa: PLC0415  # matplotlib; the others need none

            draw_insight(LapInsight.model_validate(found), step, out)
            print_saved(out, as_json=as_json)
            return
    if as_json:
        print_json(found)
    else:
        print_rows([_with_probability(row) for row in found["steps"]], _COLUMNS)


def _newest(handle: ModelHandle) -> str:
    for evaluation in handle.evaluations():
        if evaluation["laps"]:
            return str(evaluation["id"])
    raise ServiceError(404, "NOT_FOUND", "Expected an evaluated lap, got none. Drive some with `models evaluate`.")


def _with_probability(row: dict[str, Any]) -> dict[str, Any]:
    probabilities = row["probabilities"]
    return row | {"probability": None if probabilities is None else probabilities[row["action"]]}
