from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepracer_local.domain import LapRecord, Outcome
from deepracer_local.errors import RunDirectoryError
from deepracer_local.views import load_laps

HEADER = (
    "episode,steps,X,Y,yaw,steer,throttle,action,reward,done,all_wheels_on_track,progress,closest_waypoint,track_len,"
    "tstamp,episode_status,pause_duration,obstacle_crash_counter,wall_clock"
)


def _row(*, episode: int = 0, step: int, progress: float, on: bool = True, status: str = "in_progress") -> str:
    done = status not in {"prepare", "in_progress"}
    return (
        f"{episode},{step},{step / 10:.4f},{-step / 10:.4f},0.0000,15.00,1.00,3,0.5000,{done},{on},{progress:.4f},4,"
        f"17.70,{step / 15:.4f},{status},0.00,0,1700000000.0000"
    )


def _write(path: Path, rows: list[str], *, measured: bool = True) -> Path:
    header, tail = (HEADER + ",measured_speed", ",0.9000") if measured else (HEADER, "")
    path.write_text("\n".join([header, *(row + tail for row in rows)]) + "\n")
    return path


TWO_LAPS_THEN_OFF = [
    _row(step=0, progress=0.8, status="prepare"),
    _row(step=1, progress=60.0),
    _row(step=30, progress=100.0),
    _row(step=31, progress=1.5),
    _row(step=45, progress=70.0),
    _row(step=75, progress=100.0, status="lap_complete"),
    _row(episode=1, step=0, progress=0.8, status="prepare"),
    _row(episode=1, step=15, progress=20.0, on=False, status="off_track"),
]


def test_a_trace_is_cut_at_the_line_and_at_every_new_episode(tmp_path: Path) -> None:
    laps = load_laps(_write(tmp_path / "trace.csv", TWO_LAPS_THEN_OFF))

    assert [len(lap.x_m) for lap in laps] == [3, 3, 2]
    assert [lap.outcome for lap in laps] == [Outcome.LAP_COMPLETE, Outcome.LAP_COMPLETE, Outcome.OFF_TRACK]
    assert [lap.time_s for lap in laps] == pytest.approx([2.0, 3.0, 1.0])


def test_a_laps_arrays_hold_what_the_trace_says(tmp_path: Path) -> None:
    lap = load_laps(_write(tmp_path / "trace.csv", TWO_LAPS_THEN_OFF))[-1]

    np.testing.assert_allclose(lap.x_m, [0.0, 1.5])
    np.testing.assert_allclose(lap.y_m, [0.0, -1.5])
    np.testing.assert_allclose(lap.speed_mps, [0.9, 0.9])
    assert lap.is_on_track.tolist() == [True, False]
    assert not lap.is_clean


def test_records_give_the_exact_times_and_may_be_fewer(tmp_path: Path) -> None:
    records = [LapRecord(trial=1, time_s=1.987, progress=100.0, steps=30, outcome=Outcome.LAP_COMPLETE)]

    laps = load_laps(_write(tmp_path / "trace.csv", TWO_LAPS_THEN_OFF), records)

    assert [lap.time_s for lap in laps] == pytest.approx([1.987, 3.0, 1.0])


def test_a_trace_of_the_original_has_the_commanded_speed(tmp_path: Path) -> None:
    laps = load_laps(_write(tmp_path / "trace.csv", TWO_LAPS_THEN_OFF, measured=False))

    np.testing.assert_allclose(laps[0].speed_mps, [1.0, 1.0, 1.0])


def test_a_trace_without_a_row_has_no_lap(tmp_path: Path) -> None:
    assert load_laps(_write(tmp_path / "trace.csv", [])) == []


DAMAGED = {
    "no such column": "episode,steps\n0,1\n",
    "cut in the middle of a row": HEADER + "\n" + TWO_LAPS_THEN_OFF[0][:20] + "\n",
    "a word for a number": HEADER + "\n" + TWO_LAPS_THEN_OFF[0].replace("0.0000", "zero", 1) + "\n",
    "an unknown status": HEADER + "\n" + TWO_LAPS_THEN_OFF[0].replace("prepare", "flying") + "\n",
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_trace_is_refused_by_its_path(tmp_path: Path, text: str) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(text)

    with pytest.raises(RunDirectoryError, match=r"trace\.csv"):
        load_laps(path)


def test_a_missing_trace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunDirectoryError):
        load_laps(tmp_path / "absent.csv")
