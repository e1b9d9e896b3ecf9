"""What a training tells while it runs: metrics, episodes, evaluations. Rows belong to a job and go with its model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from deepracer_local.db._rows import check_id
from deepracer_local.db._schema import PROGRESS
from deepracer_local.db._store import Store
from deepracer_local.db._transitions import lock_attempt

_METRICS, _EPISODES, _EVALUATIONS = "METRICS", "EPISODES", "EVALUATIONS"


class Progress:
    """The rows that the trainer appends at its policy updates."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append_metrics(self, job_id: str, attempt: int, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one row for each policy update; a row of the same ``iteration`` is replaced.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        self._append(job_id, attempt, _METRICS, [(row["iteration"], row["iteration"], row) for row in rows])

    def append_episodes(self, job_id: str, attempt: int, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one row for each finished episode; a row of the same ``number`` is replaced.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        # An episode counts the updates before it; the checkpoint that covers it comes after the next one.
        self._append(job_id, attempt, _EPISODES, [(row["number"], row["iteration"] + 1, row) for row in rows])

    def append_evaluations(self, job_id: str, attempt: int, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one row for each evaluation during training; a row of the same ``iteration`` is replaced.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        self._append(job_id, attempt, _EVALUATIONS, [(row["iteration"], row["iteration"], row) for row in rows])

    def roll_back(self, job_id: str, attempt: int, iteration: int) -> None:
        """Deletes the rows that came after the checkpoint of ``iteration``: a resumed attempt makes them again.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        with self._store.write() as connection:
            lock_attempt(connection, job_id, attempt)
            connection.execute(delete(PROGRESS).where(PROGRESS.c.job_id == job_id, PROGRESS.c.iteration > iteration))

    def metrics(self, model_id: str, after_iteration: int = -1, limit: int = 10_000) -> list[dict[str, Any]]:
        """Returns a model's metrics rows after an iteration, in order."""
        return self._rows(model_id, _METRICS, after_iteration, limit)

    def episodes(self, model_id: str, after_episode: int = -1, limit: int = 10_000) -> list[dict[str, Any]]:
        """Returns a model's episodes after a ``number``, in the order in which they ended."""
        return self._rows(model_id, _EPISODES, after_episode, limit)

    def evaluations(self, model_id: str, after_iteration: int = -1, limit: int = 10_000) -> list[dict[str, Any]]:
        """Returns a model's evaluations during training after an iteration, in order."""
        return self._rows(model_id, _EVALUATIONS, after_iteration, limit)

    def _append(self, job_id: str, attempt: int, series: str, rows: list[tuple[int, int, dict[str, Any]]]) -> None:
        if not rows:
            return
        with self._store.write(durable=False) as connection:
            model_id = lock_attempt(connection, job_id, attempt)["model_id"]
            place = (PROGRESS.c.job_id == job_id) & (PROGRESS.c.series == series)
            first, last = min(row[0] for row in rows), max(row[0] for row in rows)
            connection.execute(delete(PROGRESS).where(place, PROGRESS.c.position.between(first, last)))
            connection.execute(
                insert(PROGRESS),
                [
                    {
                        "job_id": job_id,
                        "series": series,
                        "position": position,
                        "model_id": model_id,
                        "iteration": iteration,
                        "body": body,
                    }
                    for position, iteration, body in rows
                ],
            )

    def _rows(self, model_id: str, series: str, after: int, limit: int) -> list[dict[str, Any]]:
        check_id("model", model_id)
        query = (
            select(PROGRESS.c.body)
            .where(PROGRESS.c.model_id == model_id, PROGRESS.c.series == series, PROGRESS.c.position > after)
            .order_by(PROGRESS.c.position, PROGRESS.c.job_id)
            .limit(limit)
        )
        with self._store.read() as connection:
            return list(connection.execute(query).scalars())
