"""``deepracer-local replay``: a recorded drive, driven again bit for bit, as a film or as a check."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from deepracer_local.cli._output import messages, print_json
from deepracer_local.errors import SpecError, UnknownNameError
from deepracer_local.runs import RunDirectory

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    run: Annotated[Path, typer.Argument(help="The run directory of a training.")],
    episode: Annotated[
        int | None, typer.Option(min=0, help="A training episode, by its number in trace and episodes.jsonl.")
    ] = None,
    evaluation: Annotated[
        str | None, typer.Option(help="An evaluation: its number in evaluations/, or the path of a trace.")
    ] = None,
    lap: Annotated[int | None, typer.Option(min=1, help="A lap of the evaluation; otherwise the best one.")] = None,
    opponent: Annotated[bool, typer.Option("--opponent", help="Of a race of two models the other car.")] = False,
    view: Annotated[str, typer.Option(help="chase, top, or on-board: what the network saw.")] = "chase",
    out: Annotated[Path, typer.Option("-o", "--out", help="The film to write.")] = Path("lap.mp4"),
    check: Annotated[
        bool, typer.Option("--check", help="Drive again and compare each step with the trace; write no film.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Drive a recorded episode or lap again, bit for bit, and film it. No network and no reward function is run."""
    from deepracer_local.workers import replay as replays  # noqa: PLC0415  # --help need not load the simulator

    if (episode is None) == (evaluation is None):
        raise SpecError(
            "Expected either --episode or --evaluation, got none or both. Name one of them.", field="episode"
        )
    if episode is not None and lap is not None:
        raise SpecError("--lap: expected an --evaluation, got --episode. Leave --lap out.", field="lap")
    if evaluation is None and opponent:
        raise SpecError("--opponent: expected an --evaluation, got --episode. Leave --opponent out.", field="opponent")
    chosen = next((one for one in replays.VIEWS if one == view), None)
    if chosen is None:
        raise UnknownNameError("view", view, replays.VIEWS)
    directory = RunDirectory(run)
    recorded = (
        replays.read_evaluation(directory, evaluation, opponent=opponent)
        if evaluation is not None
        else replays.read_episode(directory, episode or 0)
    )
    with Progress(console=messages(), disable=as_json or not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("driving again", total=None)
        if check:
            n_steps = replays.check(recorded, lap, lambda: progress.advance(task))
        else:
            n_steps = replays.film(recorded, out, view=chosen, lap=lap, on_step=lambda: progress.advance(task))
    recorded.close()
    if as_json:
        print_json({"steps": n_steps, "is_equal": True, "video": None if check else str(out)})
    elif check:
        typer.echo(f"{n_steps} steps equal")
    else:
        typer.echo(f"{n_steps} steps equal to the trace; film: {out}")
