"""``deepracer-local evaluate``: laps with a trained car, as a table, a plot and a video."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deepracer_local.cli._output import messages, print_json
from deepracer_local.domain import CONTROL_RATE_HZ
from deepracer_local.runs import RunDirectory
from deepracer_local.settings import Settings
from deepracer_local.track import Track, builtin_tracks_dir, find_track

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="The run directory of a training.")],
    track: Annotated[str | None, typer.Option(help="Another track than the one trained on: a name or a file.")] = None,
    trials: Annotated[int, typer.Option(min=1, max=100, help="Laps, or attempts at one.")] = 3,
    checkpoint: Annotated[str, typer.Option(help="best, last, or the name of a checkpoint.")] = "best",
    video: Annotated[bool, typer.Option(help="Make a video of the best lap.")] = True,
    insight: Annotated[bool, typer.Option(help="Write down what the network made of each picture.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Drive laps with a trained car. Deterministic, and without running the reward function."""
    from deepracer_local.workers.evaluation import evaluate_run  # noqa: PLC0415  # --help need not load the learner

    out = messages()
    evaluation = evaluate_run(
        RunDirectory(run),
        trials=trials,
        checkpoint=checkpoint,
        track=_find(track),
        with_video=video,
        with_insight=insight,
        announce=lambda line: None if as_json else out.print(line, markup=False),
    )
    if as_json:
        print_json(_as_json(evaluation))
    else:
        _print(evaluation)


def _find(name: str | None) -> Track | None:
    return None if name is None else find_track(name, [builtin_tracks_dir(), Settings().user_tracks_dir])


def _as_json(evaluation: Any) -> dict[str, Any]:
    result = evaluation.result
    return {
        "track": evaluation.track,
        "checkpoint": evaluation.checkpoint,
        "laps": [lap.model_dump(mode="json") for lap in result.laps],
        "clean_laps": sum(lap.is_clean for lap in result.laps),
        "mean_progress": result.mean_progress,
        "mean_lap_time_s": result.mean_lap_time_s,
        "best_lap_time_s": result.best_lap_time_s,
        "wall_s": evaluation.wall_s,
        "directory": str(evaluation.directory),
        "plot": str(evaluation.plot),
        "video": str(evaluation.video) if evaluation.video else None,
        "insights": [str(path) for path in evaluation.insights],
    }


def _print(evaluation: Any) -> None:
    result = evaluation.result
    table = Table(title=f"{evaluation.track}, checkpoint {evaluation.checkpoint}")
    for name in ("lap", "time s", "progress %", "steps", "status"):
        table.add_column(name, justify="left" if name == "status" else "right")
    for lap in result.laps:
        table.add_row(str(lap.trial), f"{lap.time_s:.3f}", f"{lap.progress:.1f}", str(lap.steps), lap.outcome.label)
    out = Console(highlight=False, soft_wrap=True)
    out.print(table)
    driven_s = sum(lap.steps for lap in result.laps) / CONTROL_RATE_HZ
    clean = sum(lap.is_clean for lap in result.laps)
    out.print(
        f"{clean} of {len(result.laps)} laps clean; {driven_s:.1f} s of driving in {evaluation.wall_s:.2f} s of "
        "wall-clock",
        markup=False,
    )
    out.print(f"table and trace: {evaluation.directory}\nlap plot: {evaluation.plot}", markup=False)
    if evaluation.video is not None:
        out.print(f"lap video: {evaluation.video}", markup=False)
