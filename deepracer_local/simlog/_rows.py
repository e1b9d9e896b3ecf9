"""The rows of a step trace as the original's: as CSV and as ``SIM_TRACE_LOG`` lines.

Source: reference, section 6.1; deepracer-simapp, ``bundle/markov/metrics/s3_metrics.py``: the number of an evaluation's
row counts its trials, and the clock is the simulator's, which runs on from episode to episode.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from deepracer_local.domain import CONTROL_RATE_HZ
from deepracer_local.errors import RunDirectoryError
from deepracer_local.runs import TRACE_HEADER

N_COLUMNS = 19
HEADER = ",".join(TRACE_HEADER.split(",")[:N_COLUMNS]).encode() + b"\n"
STEP_S = 1.0 / CONTROL_RATE_HZ

EPISODE, STEPS, DONE, TIME, STATUS, WALL_CLOCK = 0, 1, 9, 14, 15, 18
"""Places of columns."""
_MAX_LINE_BYTES = 4_096


def trace_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yields the lines of steps of a trace one by one.

    Raises:
        RunDirectoryError: it is no step trace.
    """
    header = file.readline(_MAX_LINE_BYTES)
    if header.strip() != TRACE_HEADER.encode():
        raise damaged(header)
    while line := file.readline(_MAX_LINE_BYTES):
        yield line


def fields_of(line: bytes) -> list[bytes]:
    """Returns the columns that the original has.

    Raises:
        RunDirectoryError: it is no line of a step trace.
    """
    fields = line.strip().split(b",")
    if len(fields) != N_COLUMNS + 1:
        raise damaged(line)
    return fields[:N_COLUMNS]


def damaged(line: bytes) -> RunDirectoryError:
    """Returns what to say of a line that is none of a step trace."""
    return RunDirectoryError(
        f"Expected the line of a step trace, got {line[:80]!r}. The trace is damaged, or another version wrote it."
    )


def renumbered(fields: list[bytes], *, episode: int, step: int, clock_s: float) -> list[bytes]:
    """Returns the columns with other numbers and the simulator's clock."""
    numbered = list(fields)
    numbered[EPISODE], numbered[STEPS], numbered[TIME] = b"%d" % episode, b"%d" % step, b"%.4f" % clock_s
    return numbered


def csv_line(fields: list[bytes]) -> bytes:
    """Returns a row of a CSV; the original counts steps with a decimal there."""
    return b",".join([fields[EPISODE], fields[STEPS] + b".0", *fields[STEPS + 1 :]]) + b"\n"


def log_line(fields: list[bytes]) -> bytes:
    """Returns a line of a log."""
    return b"SIM_TRACE_LOG:" + b",".join(fields) + b"\n"
