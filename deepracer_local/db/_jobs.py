"""Jobs as their owners see them: submitted, listed, and wished to stop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select, update

from deepracer_local.db._events import append_event
from deepracer_local.db._imports import insert_import
from deepracer_local.db._models import find_model, insert_model, lock_model
from deepracer_local.db._nouns import (
    EventName,
    Job,
    JobSummary,
    Model,
    NewImport,
    NewJob,
    NewModel,
    Outlook,
    Page,
    QueueEntry,
)
from deepracer_local.db._outlook import read_outlook
from deepracer_local.db._queue import queue_query
from deepracer_local.db._rows import (
    all_rows,
    check_id,
    decode_token,
    encode_token,
    new_id,
    one_row,
    row_or_none,
    to_page,
)
from deepracer_local.db._schema import JOBS, OPEN_STATES, UtcTime
from deepracer_local.db._store import BrokenRuleError, Store
from deepracer_local.db._transitions import lock_job, move, refresh_status, to_job
from deepracer_local.db._worker_jobs import WorkerJobs
from deepracer_local.domain import JobEvent, JobKind, JobState, Wish
from deepracer_local.errors import ConflictError, NotFoundError

T = TypeVar("T")

# Put together once: that takes longer than running them, and these are asked again and again.
_ONE = select(JOBS).where(JOBS.c.id == bindparam("id"), JOBS.c.owner == bindparam("owner"))
_RECENT = (
    select(*(JOBS.c[name] for name in JobSummary.model_fields))
    .where(JOBS.c.owner == bindparam("owner"), JOBS.c.model_id == bindparam("model_id"))
    .order_by(JOBS.c.number.desc())
    .limit(bindparam("rows"))
)
_UNFINISHED = select(JOBS.c.spec).where(JOBS.c.state.in_(OPEN_STATES))
_QUEUE = queue_query(bindparam("now", type_=UtcTime()), JOBS)


class Jobs(WorkerJobs):
    """The queue."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._store = store

    def add(self, owner: str, job: NewJob, idempotency_key: str | None = None, body_hash: str | None = None) -> Job:
        """Queues a job and returns it when it is committed.

        Args:
            owner: whose job it is.
            job: what it is to do.
            idempotency_key: the caller's name for this submission; a repeated one gives the same job again.
            body_hash: tells a repeated submission from another one under the same key.

        Raises:
            NotFoundError: the model does not exist, or is another owner's.
            ConflictError: the key stands for another submission, or the job is a training and an earlier one of the
                model is not over. Evaluations may wait and run beside a training.
        """

        def submit(connection: Connection) -> Job:
            # Locked before the look: the same key, sent at the same time, must be found and not taken for a second job.
            lock_model(connection, owner, job.model_id)
            earlier = submitted(connection, owner, idempotency_key, body_hash)
            if earlier is not None:
                return earlier
            if job.kind is JobKind.TRAIN:
                _require_no_training(connection, job.model_id)
            return _insert(connection, owner, job, idempotency_key, body_hash, self._store.now(connection))

        return self._submit(submit)

    def add_with_model(
        self,
        owner: str,
        model: NewModel,
        kind: JobKind,
        spec: dict[str, Any],
        idempotency_key: str | None = None,
        body_hash: str | None = None,
    ) -> tuple[Model, Job]:
        """Makes a model and queues its first job: both or neither, and once for each key.

        Raises:
            NotFoundError: the model's parent does not exist, or is another owner's.
            ConflictError: the key stands for another submission.
        """

        def submit(connection: Connection) -> tuple[Model, Job]:
            job = submitted(connection, owner, idempotency_key, body_hash)
            if job is None:
                now = self._store.now(connection)
                model_id = insert_model(connection, owner, model, now)
                new = NewJob(kind=kind, model_id=model_id, spec=spec)
                job = _insert(connection, owner, new, idempotency_key, body_hash, now)
            return find_model(connection, owner, job.model_id), job

        return self._submit(submit)

    def add_import(
        self, owner: str, new: NewImport, idempotency_key: str | None = None, body_hash: str | None = None
    ) -> tuple[Model, Job]:
        """Makes a model that comes from elsewhere, with its files and a job that is over: all of it or nothing.

        Raises:
            ConflictError: the key stands for another submission.
        """

        def submit(connection: Connection) -> tuple[Model, Job]:
            job = submitted(connection, owner, idempotency_key, body_hash)
            if job is None:
                job = insert_import(connection, self._store, owner, new, idempotency_key, body_hash)
            return find_model(connection, owner, job.model_id), job

        return self._submit(submit)

    def get(self, owner: str, job_id: str) -> Job:
        """Returns a job.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
        """
        check_id("job", job_id)
        with self._store.read() as connection:
            row = row_or_none(connection.execute(_ONE, {"id": job_id, "owner": owner}))
        if row is None:
            raise NotFoundError("job", job_id)
        return to_job(row)

    def list(
        self,
        owner: str,
        *,
        states: Collection[JobState] | None = None,
        kind: JobKind | None = None,
        model_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Job]:
        """Returns somebody's jobs, newest first.

        Raises:
            SpecError: ``after`` is not the ``next_token`` of a page before.
        """
        query = select(JOBS).where(JOBS.c.owner == owner).order_by(JOBS.c.number.desc()).limit(limit + 1)
        if states is not None:
            query = query.where(JOBS.c.state.in_([state.value for state in states]))
        if kind is not None:
            query = query.where(JOBS.c.kind == kind.value)
        if model_id is not None:
            check_id("model", model_id)
            query = query.where(JOBS.c.model_id == model_id)
        if after is not None:
            query = query.where(JOBS.c.number < decode_token(after, int)[0])
        with self._store.read() as connection:
            rows = all_rows(connection.execute(query))
        token = encode_token(rows[limit - 1]["number"]) if len(rows) > limit else ""
        return to_page([to_job(row) for row in rows[: limit + 1]], limit, token)

    def recent(self, owner: str, model_id: str, limit: int) -> Sequence[JobSummary]:
        """Returns the newest jobs of a model, the newest first."""
        check_id("model", model_id)
        with self._store.read() as connection:
            rows = all_rows(connection.execute(_RECENT, {"owner": owner, "model_id": model_id, "rows": limit}))
        return [JobSummary.model_validate(row) for row in rows]

    def unfinished_specs(self) -> Sequence[dict[str, Any]]:
        """Returns what the jobs of all owners are to do that are not over."""
        with self._store.read() as connection:
            return list(connection.execute(_UNFINISHED).scalars())

    def queue(self) -> Sequence[QueueEntry]:
        """Returns the queued jobs of all owners in the order in which they will be claimed."""
        with self._store.read() as connection:
            rows = all_rows(connection.execute(_QUEUE, {"now": self._store.now(connection)}))
        return [QueueEntry(job=to_job(row), position=i) for i, row in enumerate(rows, start=1)]

    def outlook(self) -> Outlook:
        """Returns the queue without its jobs' specifications, and what tells when they start: for long queues."""
        return read_outlook(self._store)

    def counts(self) -> dict[JobState, int]:
        """Returns how many jobs of all owners are in each state."""
        query = select(JOBS.c.state, func.count()).group_by(JOBS.c.state)
        with self._store.read() as connection:
            found = {JobState(state): count for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in JobState}

    def unfinished(self, job_ids: Collection[str]) -> set[str]:
        """Returns those of the ids whose jobs are not over; an id without a job is none of them."""
        with self._store.read() as connection:
            found = connection.execute(select(JOBS.c.id).where(JOBS.c.state.in_(OPEN_STATES))).scalars()
            return set(found) & set(job_ids)

    def request_cancel(self, owner: str, job_id: str) -> Job:
        """Cancels a job that does not run, and wishes that one that runs is cancelled.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
            IllegalTransitionError: it has succeeded or failed. Cancelling twice is fine.
        """
        return self._request(owner, job_id, JobEvent.CANCEL, Wish.CANCEL)

    def request_pause(self, owner: str, job_id: str) -> Job:
        """Pauses a job that is queued, and wishes that one that runs is paused.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
            ConflictError: it is being cancelled.
            IllegalTransitionError: it is over. Pausing twice is fine.
        """
        return self._request(owner, job_id, JobEvent.PAUSE, Wish.PAUSE)

    def resume(self, owner: str, job_id: str) -> Job:
        """Puts a paused job back into the queue, at the place of its submission.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
            IllegalTransitionError: it is not paused.
        """
        with self._store.write() as connection:
            row = lock_job(connection, owner, job_id)
            now = self._store.now(connection)
            return to_job(move(connection, row, JobEvent.RESUME, now, columns={"not_before": None}))

    def _request(self, owner: str, job_id: str, event: JobEvent, wish: Wish) -> Job:
        with self._store.write() as connection:
            row = lock_job(connection, owner, job_id)
            now = self._store.now(connection)
            state = JobState(row["state"])
            if state is _REACHED[event]:
                return to_job(row)
            if state is not JobState.RUNNING:
                return to_job(move(connection, row, event, now))
            if row["wish"] == Wish.CANCEL.value and wish is not Wish.CANCEL:
                raise ConflictError(f"Expected a job that goes on, but {job_id} is being cancelled. Start another one.")
            if row["wish"] == wish.value:
                return to_job(row)
            change = update(JOBS).where(JOBS.c.number == row["number"]).values(wish=wish.value, updated_at=now)
            row = one_row(connection.execute(change.returning(JOBS)))
            refresh_status(connection, row["model_id"], now)
            append_event(connection, row, EventName(f"WISH_{wish.value}"), now, {})
            return to_job(row)

    def _submit(self, submit: Callable[[Connection], T]) -> T:
        try:
            with self._store.write() as connection:
                return submit(connection)
        except BrokenRuleError:
            # Another process has committed the same key between our look and our insert: the second look finds it.
            with self._store.write() as connection:
                return submit(connection)


_REACHED = {JobEvent.CANCEL: JobState.CANCELLED, JobEvent.PAUSE: JobState.PAUSED}


def submitted(connection: Connection, owner: str, key: str | None, body_hash: str | None) -> Job | None:
    """Returns the job that a key stands for."""
    if key is None:
        return None
    query = select(JOBS).where(JOBS.c.owner == owner, JOBS.c.idempotency_key == key)
    row = row_or_none(connection.execute(query))
    if row is None:
        return None
    if row["body_hash"] != body_hash:
        raise ConflictError(
            f"Expected the same request under the same Idempotency-Key, but {key[:80]!r} stands for another one, "
            f"job {row['id']}. Make a new key for a new request."
        )
    return to_job(row)


def _require_no_training(connection: Connection, model_id: str) -> None:
    """Raises ConflictError where a training of the locked model is not over; the tables would refuse a second one."""
    mine = (JOBS.c.model_id == model_id, JOBS.c.kind == JobKind.TRAIN.value, JOBS.c.state.in_(OPEN_STATES))
    row = connection.execute(select(JOBS.c.id, JOBS.c.state).where(*mine)).first()
    if row is not None:
        raise ConflictError(
            f"Expected a model that is not in training, but job {row.id} of {model_id} is {row.state}. Wait for its "
            "end or cancel it, or clone the model."
        )


def _insert(
    connection: Connection, owner: str, job: NewJob, key: str | None, body_hash: str | None, now: datetime
) -> Job:
    row = one_row(
        connection.execute(
            insert(JOBS)
            .values(
                id=new_id(),
                owner=owner,
                created_at=now,
                updated_at=now,
                kind=job.kind.value,
                model_id=job.model_id,
                spec=job.spec,
                idempotency_key=key,
                body_hash=body_hash,
                state=JobState.QUEUED.value,
                wish=Wish.NONE.value,
                attempt=0,
                retries={},
                progress={},
            )
            .returning(JOBS)
        )
    )
    refresh_status(connection, job.model_id, now)
    append_event(connection, row, EventName.SUBMIT, now, {})
    return to_job(row)
