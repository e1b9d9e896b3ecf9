"""The metrics files: a row per training episode and per evaluated lap.

Source: reference, sections 6.3 and 6.4; deepracer-simapp, ``bundle/markov/metrics/s3_metrics.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from deepracer_local.domain import EpisodeSummary, LapRecord, Outcome
from deepracer_local.simlog._files import Draft, LogFile
from deepracer_local.simlog._numbering import EpisodeNumber

_COUNTED = {
    "crash_count": Outcome.CRASHED,
    "immobilized_count": Outcome.IMMOBILIZED,
    "off_track_count": Outcome.OFF_TRACK,
    "reversed_count": Outcome.REVERSED,
}


class MetricsFile:
    """A metrics file while it is written, a row after the other."""

    def __init__(self, **others: Any) -> None:
        """Begins it; ``others`` is what stands beside the rows."""
        self._draft = Draft()
        self._draft.write(b'{"metrics": [')
        self._others = others
        self._is_empty = True

    def add(self, row: dict[str, Any]) -> None:
        """Appends a row."""
        self._draft.write((b"" if self._is_empty else b", ") + json.dumps(row, allow_nan=False).encode())
        self._is_empty = False

    def finished(self, path: str) -> Iterator[LogFile]:
        """Yields it, whole."""
        others = "".join(f", {json.dumps(key)}: {json.dumps(value)}" for key, value in self._others.items())
        self._draft.write(b"]" + others.encode() + b"}\n")
        yield from self._draft.finished(path)

    def close(self) -> None:
        """Gives it up."""
        self._draft.close()


def training_row(
    episode: EpisodeSummary, number: EpisodeNumber, *, per_iteration: int, start_s: float
) -> dict[str, Any]:
    """Returns the row of a training episode that began at ``start_s`` of the simulator's clock."""
    status = episode.outcome.label if episode.outcome is not None else Outcome.IN_PROGRESS.label
    return {
        "reward_score": round(episode.reward),
        **_times(start_s, episode.time_s),
        "episode": number.episode + 1,
        "trial": number.trial(per_iteration),
        "phase": "training",
        "completion_percentage": int(episode.progress),
        "episode_status": status,
    }


def training_evaluation_row(
    lap: LapRecord, number: EpisodeNumber, *, per_iteration: int, start_s: float
) -> dict[str, Any]:
    """Returns the row of a lap that the training drove by itself after the episode ``number``.

    No reward function runs in our evaluations, so the score is 0.
    """
    return {
        "reward_score": 0,
        **_times(start_s, lap.time_s),
        "episode": number.episode + 1,
        "trial": number.trial(per_iteration),
        "phase": "evaluation",
        "completion_percentage": int(lap.progress),
        "episode_status": lap.outcome.label,
    }


def evaluation_row(lap: LapRecord, *, start_s: float) -> dict[str, Any]:
    """Returns the row of a lap of an evaluation that was asked for; what ends a lap here is counted once."""
    counts = {name: int(lap.outcome is outcome) for name, outcome in _COUNTED.items()}
    return {
        "completion_percentage": int(lap.progress),
        **_times(start_s, lap.time_s),
        "episode_status": lap.outcome.label,
        **counts,
        "reset_count": sum(counts.values()),
        "trial": lap.trial,
    }


def _times(start_s: float, elapsed_s: float) -> dict[str, int]:
    return {
        "metric_time": round((start_s + elapsed_s) * 1000),
        "start_time": round(start_s * 1000),
        "elapsed_time_in_milliseconds": round(elapsed_s * 1000),
    }
