"""What an evaluation or an export tells while it goes on: watchers see the car, the runner that it does not hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from deepracer_local.domain import ImageArray
from deepracer_local.runs import RunDirectory
from deepracer_local.training import LiveWriter

SECONDS_BETWEEN = 0.25


class SignsOfLife:
    """Writes ``progress.json`` and ``live.json`` of one evaluation or export."""

    def __init__(
        self, run: RunDirectory, planned_laps: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begins; None for ``planned_laps`` where laps are not what it is about, and none are told."""
        self._run = run
        self._live = LiveWriter(run, clock)
        self._clock = clock
        self._written_at = float("-inf")
        self._progress: dict[str, Any] = {
            "phase": "driving",
            "total_steps": 0,
            "laps": 0,
            "planned_laps": planned_laps,
            "mean_progress": 0.0,
            "best_lap_time_s": None,
            "frames": 0,
        }
        self._finished = 0
        """Laps of the attempts before this one."""
        self._opponent_finished = 0

    def on_step(self, info: dict[str, Any], picture: ImageArray | None) -> None:
        """Takes in one instant of the car and what its camera sees, uint8 (height, width); None without a camera."""
        record, laps = info["record"], info["laps"]
        done = self._finished + len(laps)
        if record.done:
            self._finished = done
        complete = [lap.time_s for lap in laps if lap.is_complete]
        best = self._progress["best_lap_time_s"]
        self._progress |= {
            "total_steps": self._progress["total_steps"] + 1,
            "laps": done,
            "mean_progress": round(record.progress, 1),
            "best_lap_time_s": min([*complete, *([best] if best is not None else [])], default=None),
        }
        self._live.update("evaluation", [info], None if picture is None else picture[None, :, :, None])
        self._write()

    def on_opponent_step(self, info: dict[str, Any], _picture: ImageArray | None) -> None:
        """Takes in one instant of the other car of a race of two, which may drive on when one's own is through."""
        done = self._opponent_finished + len(info["laps"])
        if info["record"].done:
            self._opponent_finished = done
        self._progress |= {"opponent_laps": done, "opponent_progress": round(info["record"].progress, 1)}
        self._write()

    def on_write(self) -> None:
        """Tells that a file is being written and tested."""
        self._progress |= {"phase": "writing", "frames": self._progress["frames"] + 1}
        self._written_at = float("-inf")
        self._write()

    def on_look(self) -> None:
        """Tells that it has been looked into what the network made of some more pictures."""
        self._progress |= {"phase": "looking"}
        self._write()

    def on_frame(self) -> None:
        """Tells that another picture of the film is made."""
        self._progress |= {"phase": "filming", "frames": self._progress["frames"] + 1}
        self._write()

    def _write(self) -> None:
        now = self._clock()
        if now - self._written_at >= SECONDS_BETWEEN:
            self._written_at = now
            told = self._progress
            if told["planned_laps"] is None:
                told = {key: value for key, value in told.items() if key not in {"laps", "planned_laps"}}
            self._run.write_progress(told)
