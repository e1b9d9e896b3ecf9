"""What a drive can be driven again from: beside its trace, where its episodes begin and their exact actions."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepracer_local.domain import StepRecord
from deepracer_local.errors import RunDirectoryError, UnknownNameError
from deepracer_local.runs._run_directory import RunDirectory, actions_beside
from deepracer_local.runs._trace import TRACE_HEADER

COLUMNS = TRACE_HEADER.split(",")
_STEPS = COLUMNS.index("steps")
_NUMBERS = struct.Struct("<9d")


class ActionsNotes:
    """Writes down the actions of a drive: one row for each episode and file.

    A row is ``{"episode": e, "steps": n, "origin": {...}, "actions": [...], "crc32": c}``: ``steps`` is the trace's
    column of the episode's first step in this file, ``origin`` is there where that is the start, and ``crc32`` is of
    all numbers of these steps but the reward, before they are rounded for the trace.

    Attributes:
        rows: so far.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._row_of: dict[int, dict[str, Any]] = {}

    def add(self, info: Mapping[str, Any], *, episode: int) -> None:
        """Takes in the ``info`` of a reset or a step; an environment that does not tell its actions leaves nothing."""
        if "action" not in info:
            return
        record: StepRecord = info["record"]
        row = self._row_of.get(episode)
        if row is None:
            row = {"episode": episode, "steps": record.steps, "actions": [], "crc32": 0}
            self._row_of[episode] = row
            self.rows.append(row)
        if "origin" in info:
            row["origin"] = info["origin"]
        else:
            row["actions"].append(info["action"])
        row["crc32"] = checksum(record, row["crc32"])

    def start_anew(self) -> None:
        """Forgets everything: each file is to be read without the one before."""
        self.rows = []
        self._row_of = {}

    def load(self, rows: Sequence[dict[str, Any]]) -> None:
        """Takes up rows that were not written to a file yet."""
        self.rows = [dict(row, actions=list(row["actions"])) for row in rows]
        self._row_of = {row["episode"]: row for row in self.rows}


def checksum(record: StepRecord, before: int) -> int:
    """Returns the CRC-32 of the steps so far and this one; of none it is 0."""
    r = record
    numbers = _NUMBERS.pack(
        r.x_m,
        r.y_m,
        r.yaw_deg,
        r.steering_angle_deg,
        r.speed_mps,
        r.progress,
        r.time_s,
        r.measured_speed_mps,
        r.pause_s,
    )
    return zlib.crc32(numbers, before)


@dataclass(frozen=True, slots=True)
class Drive:
    """An episode as it was written down."""

    episode: int
    origin: Mapping[str, Any]
    """As the environment's ``reset`` returned it."""
    actions: tuple[Any, ...]
    lines: tuple[str, ...]
    """The rows of the trace; the first is the start, and each other one belongs to an action."""
    checksums: Mapping[int, int]
    """The CRC-32 of a part of the lines, by the number of lines up to its end; each part begins at 0."""


def traces_of_episode(run: RunDirectory, episode: int) -> list[Path]:
    """Returns the trace files that a training episode went through, oldest first.

    Raises:
        UnknownNameError: none has it.
    """
    ended = next((row.iteration for row in run.read_episodes() if row.episode == episode), None)
    found: list[Path] = []
    for trace in reversed(run.trace_files("training")):
        if ended is not None and int(trace.stem) > ended:
            continue
        line = next(_lines_of(trace, episode), None)
        if line is not None:
            found.insert(0, trace)
        is_start = line is not None and line.split(",")[_STEPS] == "1"
        if is_start or (line is None and found):
            break
    if not found:
        known = [str(row.episode) for row in run.read_episodes()]
        raise UnknownNameError("episode", str(episode), [*known[:3], "…", *known[-3:]] if len(known) > 6 else known)
    return found


def read_drives(traces: Sequence[Path], *, episode: int | None = None) -> list[Drive]:
    """Reads the episodes of successive trace files, or one of them, in the order in which they were driven.

    Raises:
        RunDirectoryError: a file is damaged, or the run was written before there were such files.
    """
    rows: dict[int, list[dict[str, Any]]] = {}
    lines: dict[int, list[str]] = {}
    checksums: dict[int, dict[int, int]] = {}
    for trace in traces:
        for row in _read_actions(actions_beside(trace)):
            number = row["episode"]
            if episode is None or number == episode:
                rows.setdefault(number, []).append(row)
                so_far = lines.setdefault(number, [])
                so_far += _lines_of(trace, number)
                checksums.setdefault(number, {})[len(so_far)] = row["crc32"]
    return [_drive(number, parts, lines[number], checksums[number]) for number, parts in rows.items()]


def _drive(episode: int, parts: list[dict[str, Any]], lines: list[str], checksums: dict[int, int]) -> Drive:
    actions = tuple(action for part in parts for action in part["actions"])
    if "origin" not in parts[0] or len(lines) != len(actions) + 1:
        raise RunDirectoryError(
            f"Expected episode {episode} from its start, with an action for each later row of its trace, got "
            f"{len(actions)} actions, {len(lines)} rows and {'a' if 'origin' in parts[0] else 'no'} start. The files "
            "are damaged or incomplete."
        )
    return Drive(episode, parts[0]["origin"], actions, tuple(lines), checksums)


def _lines_of(trace: Path, episode: int) -> Iterator[str]:
    """Yields the rows of one episode."""
    beginning = f"{episode},"
    with trace.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith(beginning):
                yield line.rstrip("\n")


def _read_actions(path: Path) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if not all({"episode", "actions", "crc32"} <= row.keys() for row in rows):
            raise ValueError("a row without episode, actions or crc32")
    except FileNotFoundError:
        raise RunDirectoryError(
            f"Expected the starts and exact actions of the drive in {path}, found no such file. It was driven by a "
            "version that did not write them down: drive again to have a drive that can be replayed."
        ) from None
    except (OSError, ValueError, AttributeError) as err:
        raise RunDirectoryError(
            f"Expected starts and exact actions in {path}, got: {err}. The file is damaged."
        ) from err
    return rows
