"""The files of evaluations: each lap is an episode of its own, as in the original."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice

from deepracer_local.domain import Outcome
from deepracer_local.simlog._files import Draft, LogFile, stamp_of
from deepracer_local.simlog._layout import Layout, log_path
from deepracer_local.simlog._metrics import MetricsFile, evaluation_row
from deepracer_local.simlog._records import EvaluationRecord
from deepracer_local.simlog._rows import (
    DONE,
    HEADER,
    STATUS,
    STEP_S,
    TIME,
    WALL_CLOCK,
    csv_line,
    fields_of,
    log_line,
    renumbered,
    trace_lines,
)
from deepracer_local.simlog._texts import log_beginning, model_files


def evaluation_files(
    records: Iterable[EvaluationRecord], layout: Layout, *, with_model: bool = True
) -> Iterator[LogFile]:
    """Yields the files of evaluations, those of each beginning with its trace.

    Args:
        records: in the order in which they were driven.
        layout: where the files lie.
        with_model: whether what belongs to the model comes with them; not where the training's files bring it.

    Raises:
        RunDirectoryError: a trace is damaged.
    """
    taken: set[str] = set()
    for record in records:
        if with_model and not taken:
            yield from model_files(record.spec)
        with closing(_Drive(record)) as drive:
            stamp = drive.stamp(taken)
            taken.add(stamp)
            yield from drive.files(layout, stamp)


class _Drive:
    """The steps of an evaluation, cut into laps.

    In our traces laps that follow each other without a stop are one episode, whose clock begins again after a failed
    attempt. Here the clock runs on, and a lap's last step says how the lap ended.
    """

    def __init__(self, record: EvaluationRecord) -> None:
        self._record = record
        self._began_at = 0.0
        self._trace, self._log = Draft(), Draft()
        self._trace.write(HEADER)
        per_iteration = max(record.spec.hyperparameters.num_episodes_between_training, len(record.laps))
        self._log.write(log_beginning(record.spec, world=record.track, per_iteration=per_iteration))
        try:
            self._cut(record)
        except BaseException:
            self.close()
            raise

    def files(self, layout: Layout, stamp: str) -> Iterator[LogFile]:
        """Yields its files."""
        record = self._record
        yield from self._trace.finished(layout.evaluation_trace(stamp, record.id))
        metrics = MetricsFile()
        start_s = 0.0
        for lap in record.laps:
            metrics.add(evaluation_row(lap, start_s=start_s))
            start_s += lap.time_s
        yield from metrics.finished(layout.evaluation_metrics(stamp, record.id))
        if layout.has_logs:
            yield from self._log.finished(log_path("evaluation", stamp, record.id, "robomaker"))

    def close(self) -> None:
        """Gives them up."""
        self._trace.close()
        self._log.close()

    def stamp(self, taken: set[str]) -> str:
        """Returns when it began; where another began in the same second, the next one that is free."""
        moment = self._began_at
        while (found := stamp_of(moment)) in taken:
            moment += 1.0
        return found

    def _cut(self, record: EvaluationRecord) -> None:
        with record.open_trace() as file:
            steps = self._steps(map(fields_of, trace_lines(file)))
            for lap in record.laps:
                for i, fields in enumerate(islice(steps, lap.steps)):
                    row = renumbered(fields, episode=lap.trial - 1, step=i + 1, clock_s=float(fields[TIME]))
                    if i == lap.steps - 1:
                        row[DONE], row[STATUS] = b"True", lap.outcome.value.encode()
                    self._trace.write(csv_line(row))
                    self._log.write(log_line(row))

    def _steps(self, rows: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
        before_s, clock_s = 0.0, 0.0
        for i, fields in enumerate(rows):
            if i == 0:
                self._began_at = float(fields[WALL_CLOCK])
            elif fields[STATUS] == Outcome.PREPARE.value.encode():
                before_s = clock_s + STEP_S
            clock_s = before_s + float(fields[TIME])
            fields[TIME] = b"%.4f" % clock_s
            yield fields
