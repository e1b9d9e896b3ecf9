"""What train shows while it trains."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from deepracer_local.cli._progress import LineView, LiveView, StepRate, describe, seconds_left
from deepracer_local.domain import StopRules
from deepracer_local.runs import RunDirectory

PROGRESS: dict[str, Any] = {
    "phase": "collecting",
    "total_steps": 3_000,
    "iterations": 6,
    "episodes": 40,
    "training_seconds": 30.0,
    "mean_reward": 12.34,
    "mean_progress": 48.2,
    "best_progress": None,
    "best_lap_time_s": 17.126,
    "clean_laps_in_a_row": 0,
}


@pytest.mark.parametrize(
    ("stop", "rate", "expected"),
    [
        (StopRules(max_minutes=1), 100.0, 30.0),
        (StopRules(max_steps=5_000), 100.0, 20.0),
        (StopRules(max_minutes=1, max_steps=5_000), 100.0, 20.0),
        (StopRules(max_steps=5_000), None, None),
        (StopRules(clean_laps=3), 100.0, None),
        (StopRules(max_steps=1_000), 100.0, 0.0),
    ],
    ids=["minutes", "steps", "both", "no rate", "laps", "over"],
)
def test_the_time_left_is_that_of_the_nearest_rule(stop: StopRules, rate: float | None, expected: float | None) -> None:
    assert seconds_left(stop, PROGRESS, rate) == expected


def test_the_rate_is_that_of_the_last_seconds() -> None:
    rate = StepRate()

    assert rate.add(0.0, 0) is None
    assert rate.add(1.0, 1_000) == pytest.approx(1_000)
    assert rate.add(10.0, 1_000) == pytest.approx(0.0)


def test_every_value_has_its_unit() -> None:
    shown = dict(describe(StopRules(max_minutes=1), PROGRESS, 812.4))

    assert shown["steps/s"] == "812"
    assert shown["progress"] == "48 %"
    assert shown["best lap"] == "17.13 s"
    assert shown["evaluation"] == "-"
    assert shown["left"] == "0:30"


def test_the_stage_and_what_is_forgotten_are_told_where_there_are_stages() -> None:
    staged = PROGRESS | {"stage": 2, "stages": 3, "stage_name": "boxes", "forgotten_stages": []}

    assert "stage" not in dict(describe(StopRules(), PROGRESS, None))
    assert describe(StopRules(), staged, None)[0] == ("stage", "2 of 3 boxes")
    forgotten = dict(describe(StopRules(), staged | {"forgotten_stages": [1, 3]}, None))
    assert forgotten["forgotten"] == "stage 1 3"


def test_the_panel_waits_for_the_first_step_and_then_shows_it(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    output = io.StringIO()
    view = LiveView(StopRules(), Console(file=output, force_terminal=True, width=80))

    with view:
        view.update(run)
        run.write_progress(PROGRESS)
        view.update(run)

    assert "loading" in output.getvalue()
    assert "3,000" in output.getvalue()


def test_lines_are_not_repeated(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    output = io.StringIO()
    view = LineView(StopRules(), Console(file=output, width=300))
    run.write_progress(PROGRESS)
    view._printed_at -= 10

    view.update(run)
    view.update(run)
    view._printed_at -= 10
    view.update(run)

    assert output.getvalue().count("steps 3,000") == 1
