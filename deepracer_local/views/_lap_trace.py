"""One driven lap as arrays, read from the step trace of a run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepracer_local.domain import FloatArray, LapRecord, Outcome
from deepracer_local.errors import RunDirectoryError

MAX_PROGRESS_DROP = 50.0
"""Percent. Within a lap, progress never falls by so much in one step; at the line of a lap driven on it does."""


@dataclass(frozen=True, slots=True, eq=False)
class LapTrace:
    """The steps of one lap, or of one attempt at a lap, in driving order.

    Law: all arrays have the same length n >= 1.
    """

    x_m: FloatArray
    """float64 (n,): the point of the car that the trace records."""
    y_m: FloatArray
    """float64 (n,)."""
    speed_mps: FloatArray
    """float64 (n,): measured along the car, not commanded."""
    is_on_track: npt.NDArray[np.bool_]
    """bool (n,): all four wheels were on the track."""
    is_set_back: npt.NDArray[np.bool_]
    """bool (n,): the car was put here after a fault; it did not drive here from the step before."""
    time_s: float
    """Simulated time of the lap, at the resolution of a step unless the caller knows it better."""
    outcome: Outcome
    """How it ended."""

    @property
    def is_clean(self) -> bool:
        """True for a complete lap."""
        return self.outcome is Outcome.LAP_COMPLETE


def load_laps(path: Path, records: Sequence[LapRecord] = ()) -> list[LapTrace]:
    """Reads a step trace (CSV) and cuts it into laps: at every new episode, and where one lap follows another.

    The columns are found by name, so the original's own traces are read too; without the column
    ``measured_speed`` the commanded speed (``throttle``) stands in.

    Args:
        path: the CSV file.
        records: of the same laps in the same order, as far as known; their times and outcomes are used, because a
            trace knows the crossing of the line only to a step.

    Raises:
        RunDirectoryError: the file is missing, lacks a column, or holds a value that cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        laps = [_to_lap(part, start_s=start_s, drives_on=drives_on) for part, start_s, drives_on in _cut(rows)]
    except OSError as err:
        raise RunDirectoryError(
            f"Expected a step trace at {path}: {err.strerror or err}. Give a run that has driven."
        ) from err
    except (KeyError, ValueError, TypeError, csv.Error) as err:
        raise RunDirectoryError(
            f"Expected {path} to be a step trace with the columns of SIM_TRACE_LOG, got a fault at {err}. "
            "Drive the laps again."
        ) from err
    known = [replace(lap, time_s=r.time_s, outcome=r.outcome) for lap, r in zip(laps, records, strict=False)]
    return known + laps[len(known) :]


_Row = dict[str, str]


def _cut(rows: list[_Row]) -> list[tuple[list[_Row], float, bool]]:
    """Returns (rows of the lap, time at which it began, whether the car drove on after it) for each lap."""
    laps: list[tuple[list[_Row], float, bool]] = []
    part: list[_Row] = []
    start_s = 0.0
    for row in rows:
        if part:
            is_new_episode = row["episode"] != part[-1]["episode"]
            is_new_lap = float(part[-1]["progress"]) - float(row["progress"]) > MAX_PROGRESS_DROP
            if is_new_episode or is_new_lap:
                laps.append((part, start_s, not is_new_episode))
                start_s = 0.0 if is_new_episode else float(part[-1]["tstamp"])
                part = []
        part.append(row)
    if part:
        laps.append((part, start_s, False))
    return laps


def _to_lap(rows: list[_Row], *, start_s: float, drives_on: bool) -> LapTrace:
    speed_column = "measured_speed" if "measured_speed" in rows[0] else "throttle"
    # A trace of the original counts its time from the start of the simulator, not of the episode.
    first_s, last_s = float(rows[0]["tstamp"]), float(rows[-1]["tstamp"])
    began_s = start_s if first_s - start_s < 1.0 else first_s
    return LapTrace(
        x_m=np.array([float(row["X"]) for row in rows]),
        y_m=np.array([float(row["Y"]) for row in rows]),
        speed_mps=np.array([float(row[speed_column]) for row in rows]),
        is_on_track=np.array([row["all_wheels_on_track"] == "True" for row in rows]),
        is_set_back=np.array([row["episode_status"] == Outcome.PAUSE for row in rows]),
        time_s=last_s - began_s,
        outcome=Outcome.LAP_COMPLETE if drives_on else Outcome(rows[-1]["episode_status"]),
    )
