"""The files of a training: traces, metrics, logs and what belongs to the model. One pass, one iteration at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from deepracer_local.domain import EpisodeSummary, LapRecord
from deepracer_local.simlog._episodes import OpenEpisodes
from deepracer_local.simlog._files import Draft, LogFile, small_file, stamp_of
from deepracer_local.simlog._layout import CHECKPOINTS, REWARD_FUNCTION, Layout, log_path
from deepracer_local.simlog._metrics import MetricsFile, training_evaluation_row, training_row
from deepracer_local.simlog._numbering import EpisodeNumber, Numbering
from deepracer_local.simlog._records import TrainingRecord
from deepracer_local.simlog._rows import HEADER, STEP_S, WALL_CLOCK, csv_line, log_line, renumbered
from deepracer_local.simlog._texts import json_bytes, log_beginning, model_files, training_params

Row = dict[str, Any]


def training_files(record: TrainingRecord, layout: Layout) -> Iterator[LogFile]:
    """Yields the files of a training in the order in which they are finished.

    Episodes that have not ended are left out. Each episode is whole in the file of the iteration in which it ended.

    Raises:
        RunNotFoundError: no episode has ended yet.
        RunDirectoryError: a trace is damaged.
    """
    writer = _Writer(record, layout)
    try:
        yield from writer.files()
    finally:
        writer.close()


class _Writer:
    """Goes through a training once, from its first step to its last."""

    def __init__(self, record: TrainingRecord, layout: Layout) -> None:
        self._record = record
        self._layout = layout
        self._numbering = Numbering.of(record)
        self._per_iteration = self._numbering.per_iteration
        self._open = OpenEpisodes()
        self._metrics = MetricsFile(version=2.0, best_model_metric="progress")
        self._simulation, self._learning = Draft(), Draft()
        self._iteration_draft: Draft | None = None
        self._clock_s = 0.0
        self._began_at: float | None = None
        self._checkpoints: dict[str, Row] = {}

    def files(self) -> Iterator[LogFile]:
        record, layout = self._record, self._layout
        yield from model_files(record.spec)
        yield training_params(record.spec, record.id)
        yield small_file(REWARD_FUNCTION, record.reward_function)
        self._simulation.write(log_beginning(record.spec, world=record.spec.track, per_iteration=self._per_iteration))
        metrics, evaluations = _By(record.metrics(), "iteration"), _By(record.evaluations(), "iteration")
        ended = _EndedIn(record)
        for iteration in range(record.iterations):
            with record.open_trace(iteration) as trace:
                self._open.take(trace)
            episodes = ended.take(iteration)
            if episodes:
                yield from self._iteration(iteration, episodes)
            self._update(iteration, metrics.take(iteration + 1), evaluations.take(iteration + 1))
        stamp = stamp_of(self._began_at or 0.0)
        yield from self._metrics.finished(layout.training_metrics(stamp, record.id))
        yield small_file(CHECKPOINTS, json_bytes(self._best_and_last()))
        if layout.has_logs:
            yield from self._simulation.finished(log_path("training", stamp, record.id, "robomaker"))
            yield from self._learning.finished(log_path("training", stamp, record.id, "sagemaker"))

    def close(self) -> None:
        for opened in (self._open, self._metrics, self._simulation, self._learning, self._iteration_draft):
            if opened is not None:
                opened.close()

    def _iteration(self, iteration: int, episodes: list[EpisodeSummary]) -> Iterator[LogFile]:
        draft = self._iteration_draft = Draft()
        draft.write(HEADER)
        name = iteration
        for place, episode in enumerate(episodes):
            number = self._numbering.number(iteration, place)
            name = number.iteration
            self._write_steps(episode, number, draft)
            self._metrics.add(training_row(episode, number, per_iteration=self._per_iteration, start_s=self._clock_s))
            if self._layout.has_logs:
                self._simulation.write(
                    f"Training> Name=main_level/agent, Worker=0, Episode={number.episode + 1}, "
                    f"Total reward={episode.reward:.2f}, Steps={episode.total_steps}, "
                    f"Training iteration={number.iteration}\n".encode()
                )
            self._clock_s += episode.time_s + STEP_S
        yield from draft.finished(self._layout.training_trace(name))

    def _write_steps(self, episode: EpisodeSummary, number: EpisodeNumber, draft: Draft) -> None:
        for i, fields in enumerate(self._open.finish(episode.episode, rows=episode.steps + 1)):
            if self._began_at is None:
                self._began_at = float(fields[WALL_CLOCK])
            clock_s = self._clock_s + i * STEP_S
            row = renumbered(fields, episode=number.episode, step=i + 1, clock_s=clock_s)
            draft.write(csv_line(row))
            if self._layout.has_logs:
                self._simulation.write(log_line(row))

    def _update(self, iteration: int, metrics: Row | None, evaluation: Row | None) -> None:
        """Takes in the update after an iteration and the evaluation after that."""
        number = self._numbering.last(iteration)
        for lap in [LapRecord.model_validate(lap) for lap in (evaluation or {}).get("laps", [])]:
            self._metrics.add(
                training_evaluation_row(lap, number, per_iteration=self._per_iteration, start_s=self._clock_s)
            )
            self._clock_s += lap.time_s + STEP_S
        if metrics is None:
            return
        hyperparameters = self._record.spec.hyperparameters
        name = f"{metrics['total_steps']:09d}"
        checkpoint = f"{iteration + 1}_Step-{metrics['total_steps']}.ckpt"
        if self._layout.has_logs:
            self._learning.write(
                f"Policy training> Surrogate loss={metrics.get('policy_loss')}, "
                f"KL divergence={metrics.get('kl_divergence')}, Entropy={metrics.get('entropy')}, "
                f"training epoch={hyperparameters.num_epochs - 1}, learning_rate={hyperparameters.lr}\n".encode()
            )
        if name in {self._record.best_checkpoint, self._record.last_checkpoint}:
            self._checkpoints[name] = {
                "name": checkpoint,
                "avg_eval_metric": evaluation["mean_progress"] if evaluation else None,
                "time_stamp": round(self._clock_s, 4),
            }
            if self._layout.has_logs:
                self._learning.write(f"Checkpoint> Saving in path=['{checkpoint}']\n".encode())

    def _best_and_last(self) -> Row:
        nothing = {"name": "", "avg_eval_metric": None, "time_stamp": 0.0}
        return {
            "best_checkpoint": self._checkpoints.get(self._record.best_checkpoint or "", nothing),
            "last_checkpoint": self._checkpoints.get(self._record.last_checkpoint or "", nothing),
        }


class _By:
    """Rows that are asked for by growing numbers."""

    def __init__(self, rows: Any, number: str) -> None:
        self._rows = iter(rows)
        self._number = number
        self._next: Row | None = next(self._rows, None)

    def take(self, number: int) -> Row | None:
        """Returns the row of this number; None where there is none."""
        while self._next is not None and self._next[self._number] < number:
            self._next = next(self._rows, None)
        return self._next if self._next is not None and self._next[self._number] == number else None


class _EndedIn:
    """The episodes that ended in an iteration, asked for by growing numbers."""

    def __init__(self, record: TrainingRecord) -> None:
        self._groups = groupby(record.episodes(), key=lambda episode: episode.iteration)
        self._next = self._advance()

    def take(self, iteration: int) -> list[EpisodeSummary]:
        """Returns them in the order in which they ended."""
        if self._next is None or self._next[0] != iteration:
            return []
        found = self._next[1]
        self._next = self._advance()
        return found

    def _advance(self) -> tuple[int, list[EpisodeSummary]] | None:
        group = next(self._groups, None)
        return None if group is None else (group[0], list(group[1]))
