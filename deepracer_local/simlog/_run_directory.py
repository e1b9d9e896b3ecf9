"""A run directory as records of its training and its evaluations."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from deepracer_local.domain import EpisodeSummary, LapRecord
from deepracer_local.errors import RunNotFoundError
from deepracer_local.runs import Checkpoints, RunDirectory, read_json
from deepracer_local.simlog._records import EvaluationRecord, TrainingRecord


def training_of(run: RunDirectory) -> TrainingRecord:
    """Returns the training of a run, also while it runs.

    Raises:
        RunNotFoundError: the folder is no run, or its reward function is not in it.
    """
    spec = run.read_spec()
    if not run.reward_path.is_file():
        raise RunNotFoundError(f"Expected a run directory with a reward function, but {run.path} has none.")
    updates = sum(1 for _ in _rows(run.path / "metrics.jsonl"))
    # The row of an update is written after its trace.
    traces = {int(path.stem) for path in run.trace_files("training")}
    iterations = next((i for i in range(updates) if i not in traces), updates)
    index = Checkpoints(run.checkpoints_path).index()
    return TrainingRecord(
        id=_plain(run.path),
        spec=spec,
        reward_function=run.reward_path.read_bytes(),
        iterations=iterations,
        metrics=functools.partial(_rows, run.path / "metrics.jsonl"),
        episodes=functools.partial(_episodes, run.path / "episodes.jsonl"),
        evaluations=functools.partial(_rows, run.path / "evaluations.jsonl"),
        open_trace=lambda number: _open(run.path / "trace" / "training" / f"{number}.csv"),
        best_checkpoint=index.best,
        last_checkpoint=index.last,
    )


def evaluations_of(run: RunDirectory) -> list[EvaluationRecord]:
    """Returns the evaluations that were asked for, in the order in which they were driven."""
    spec = run.read_spec()
    found = []
    for folder in sorted((path.parent for path in run.evaluations_path.glob("*/laps.json")), key=lambda p: int(p.name)):
        laps = read_json(folder / "laps.json")
        found.append(
            EvaluationRecord(
                id=f"{_plain(run.path)}-{folder.name}",
                spec=spec,
                track=laps["track"],
                laps=tuple(LapRecord.model_validate(lap) for lap in laps["laps"]),
                open_trace=functools.partial(_open, folder / "trace.csv"),
            )
        )
    return found


def _plain(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", path.resolve().name) or "run"


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the rows of a ``.jsonl`` file one by one; an unfinished last line is left out."""
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    yield json.loads(line)


def _episodes(path: Path) -> Iterator[EpisodeSummary]:
    return map(EpisodeSummary.model_validate, _rows(path))
