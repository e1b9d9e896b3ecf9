"""What a run writes down to be driven again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.domain import Outcome, StepRecord
from deepracer_local.errors import RunDirectoryError, UnknownNameError
from deepracer_local.runs import ActionsNotes, RunDirectory, actions_beside, read_drives, trace_row, traces_of_episode

START = StepRecord(
    1, 0.1, 0.2, 3.0, 0.0, 0.0, "-1", 0.0, False, True, 0.5, 0, 17.0, 0.0, Outcome.PREPARE, 0.0
)  # fmt: skip
ORIGIN = {"start_ndist": 0.0}


def step(n: int) -> StepRecord:
    return dataclasses.replace(START, steps=n, x_m=n / 3, action="2", outcome=Outcome.IN_PROGRESS)


def write(run: RunDirectory, iteration: int, steps: list[tuple[int, int]]) -> None:
    """Writes the files of an iteration, of steps (episode, number)."""
    notes, rows = ActionsNotes(), []
    for episode, n in steps:
        record = START if n == 1 else step(n)
        info: dict[str, Any] = {"record": record, "action": n} | ({"origin": ORIGIN} if n == 1 else {})
        notes.add(info, episode=episode)
        rows.append(trace_row(record, episode=episode, wall_clock_s=0.0))
    run.write_trace("training", iteration, rows, actions=notes.rows)


def test_an_episode_is_put_together_from_the_files_it_went_through(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    write(run, 0, [(0, 1), (10, 1), (0, 2)])
    write(run, 1, [(0, 3), (10, 2), (0, 4)])
    write(run, 2, [(10, 3), (11, 1)])

    [drive] = read_drives(traces_of_episode(run, 0), episode=0)

    assert (drive.origin, drive.actions, sorted(drive.checksums)) == (ORIGIN, (2, 3, 4), [2, 4])
    assert [line.split(",")[1] for line in drive.lines] == ["1", "2", "3", "4"]
    assert [len(traces_of_episode(run, episode)) for episode in (0, 10, 11)] == [2, 3, 1]
    with pytest.raises(UnknownNameError):
        traces_of_episode(run, 1)  # not the one of 10 and 11


def test_actions_lie_beside_their_trace_and_go_with_it(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    write(run, 0, [(0, 1)])
    write(run, 1, [(0, 2)])
    kept, cut = (actions_beside(path) for path in run.trace_files("training"))

    run.roll_back({}, 1)

    assert kept.exists()
    assert not cut.exists()
    assert [path.stem for path in run.trace_files("training")] == ["0"]


def test_a_step_without_its_action_is_a_damage(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    write(run, 0, [(0, 1), (0, 2), (0, 3)])
    trace = run.trace_files("training")[0]
    lines = trace.read_text().splitlines()
    trace.write_text("\n".join([*lines[:-1], ""]))

    with pytest.raises(RunDirectoryError, match="damaged"):
        read_drives([trace])
