"""What logs are made of: a training and an evaluation, wherever their rows and traces are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO

from deepracer_local.domain import EpisodeSummary, LapRecord, TrainSpec

OpenTrace = Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """A training, finished or not, as far as its traces are there.

    The callables give the rows from the beginning each time, one by one: a day's training is never in memory whole.
    """

    id: str
    """Stands in file names; letters, digits, hyphen and underscore."""
    spec: TrainSpec
    reward_function: bytes
    iterations: int
    """Of so many iterations, from the first on, the trace is there and whole."""
    metrics: Callable[[], Iterable[dict[str, Any]]]
    """Rows of ``metrics.jsonl``."""
    episodes: Callable[[], Iterable[EpisodeSummary]]
    """In the order in which they ended."""
    evaluations: Callable[[], Iterable[dict[str, Any]]]
    """Rows of ``evaluations.jsonl``."""
    open_trace: Callable[[int], AbstractContextManager[BinaryIO]]
    """Opens the step trace of an iteration."""
    best_checkpoint: str | None
    last_checkpoint: str | None


@dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """An evaluation that has been driven."""

    id: str
    """Stands in file names; letters, digits, hyphen and underscore."""
    spec: TrainSpec
    """Of the training whose checkpoint drove."""
    track: str
    laps: tuple[LapRecord, ...]
    open_trace: OpenTrace
