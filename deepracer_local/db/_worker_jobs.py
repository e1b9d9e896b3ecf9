"""Jobs as workers see them: claimed, held by heartbeats, ended. Whoever writes names its attempt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from deepracer_local.db._events import append_event
from deepracer_local.db._nouns import EventName, Job
from deepracer_local.db._queue import claim_statement, is_due
from deepracer_local.db._rows import Row, row_or_none
from deepracer_local.db._schema import EVENTS, JOBS
from deepracer_local.db._store import Store
from deepracer_local.db._transitions import lock_attempt, move, refresh_status, to_job
from deepracer_local.domain import RETRIES, Fault, JobEvent, JobKind, JobState, Wish, retry_delay_s
from deepracer_local.errors import StaleAttemptError

_ENDINGS = (
    EventName.SUCCEED,
    EventName.FAIL,
    EventName.RETRY,
    EventName.LOSE_LEASE,
    EventName.CANCEL,
    EventName.PAUSE,
)
_WISHED = {Wish.CANCEL: JobEvent.CANCEL, Wish.PAUSE: JobEvent.PAUSE}


class WorkerJobs:
    """The half of the queue that workers use.

    An attempt is ended once. Ending it again in the same way is answered as the first time, since the first answer may
    have been lost; everything else that an attempt writes after its end is refused.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(self, worker_id: str, lease_s: float, kinds: Collection[JobKind] = tuple(JobKind)) -> Job | None:
        """Returns the job whose turn it is, now running as a new attempt of this worker; None where nothing waits.

        Law: of any number of claimers, one gets the job. The owner with the fewest running jobs is first; among the
        jobs of one owner, the oldest.
        """
        with self._store.read() as connection:
            due = is_due(self._store.now(connection))
            waiting = select(JOBS.c.number).where(JOBS.c.state == JobState.QUEUED.value, due).limit(1)
            if connection.execute(waiting).first() is None:
                return None
        with self._store.write() as connection:
            now = self._store.now(connection)
            claimed = row_or_none(connection.execute(claim_statement(now, worker_id, lease_s, kinds)))
            if claimed is None:
                return None
            refresh_status(connection, claimed["model_id"], now)
            append_event(connection, claimed, EventName.CLAIM, now, {"worker_id": worker_id})
            return to_job(claimed)

    def heartbeat(self, job_id: str, attempt: int, lease_s: float, progress: dict[str, Any] | None = None) -> Wish:
        """Renews the lease, writes the progress and returns what is wished of the job.

        Raises:
            StaleAttemptError: the attempt is not the running one; its trainer has to be stopped.
        """
        with self._store.write(durable=False) as connection:
            now = self._store.now(connection)
            values: dict[str, Any] = {"lease_until": now + timedelta(seconds=lease_s), "updated_at": now}
            if progress is not None:
                values["progress"] = progress
            wish = connection.execute(
                update(JOBS)
                .where(JOBS.c.id == job_id, JOBS.c.attempt == attempt, JOBS.c.state == JobState.RUNNING.value)
                .values(values)
                .returning(JOBS.c.wish)
            ).scalar_one_or_none()
        if wish is None:
            raise StaleAttemptError(job_id, attempt)
        return Wish(wish)

    def succeed(self, job_id: str, attempt: int, result: dict[str, Any]) -> None:
        """Ends an attempt and its job.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        columns = {"result": result, "fault": None, "message": None, "detail": None}
        self._end(job_id, attempt, JobEvent.SUCCEED, columns)

    def cancelled(self, job_id: str, attempt: int, result: dict[str, Any] | None = None) -> None:
        """Ends an attempt and its job because somebody wished it.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        self._end(job_id, attempt, JobEvent.CANCEL, {"result": result})

    def paused(self, job_id: str, attempt: int) -> None:
        """Ends an attempt; its job rests until it is resumed.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        self._end(job_id, attempt, JobEvent.PAUSE, {})

    def hand_back(self, job_id: str, attempt: int) -> JobState:
        """Ends an attempt because its worker shuts down, and returns the job's state.

        The job keeps its place in the queue and its budgets; a wish to cancel or pause is fulfilled instead.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        with self._store.write() as connection:
            row = lock_attempt(connection, job_id, attempt)
            now = self._store.now(connection)
            wish = Wish(row["wish"])
            row = move(connection, row, _WISHED.get(wish, JobEvent.PAUSE), now)
            if wish is Wish.NONE:
                row = move(connection, row, JobEvent.RESUME, now)
            return JobState(row["state"])

    def fail(
        self, job_id: str, attempt: int, fault: Fault, message: str, detail: dict[str, Any] | None = None
    ) -> JobState:
        """Ends an attempt that failed and returns the job's state: queued again while the fault's budget lasts.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        with self._store.write() as connection:
            row = self._lock(connection, job_id, attempt, EventName.FAIL, EventName.RETRY)
            if isinstance(row, JobState):
                return row
            now = self._store.now(connection)
            row = _fail(connection, row, fault, now, retry=JobEvent.RETRY, message=message, detail=detail)
            return JobState(row["state"])

    def expire_leases(self, worker_id: str | None = None) -> list[Job]:
        """Takes jobs from workers that have not been heard of in time and returns them as they are then.

        Args:
            worker_id: also take every job of this worker, whatever its lease: for a worker that has just started and
                knows that its former self is dead.
        """
        lost = []
        while (job := self._expire_one(worker_id)) is not None:
            lost.append(job)
        return lost

    def _expire_one(self, worker_id: str | None) -> Job | None:
        # One transaction each: holding several jobs at once could meet another process doing so in another order.
        with self._store.read() as connection:
            if connection.execute(_lapsed(self._store.now(connection), worker_id)).first() is None:
                return None
        with self._store.write() as connection:
            now = self._store.now(connection)
            query = _lapsed(now, worker_id).with_for_update(skip_locked=True)
            row = row_or_none(connection.execute(query))
            if row is None:
                return None
            message = f"The worker {row['worker_id']} was not heard of in time."
            return to_job(_fail(connection, row, Fault.INFRASTRUCTURE, now, retry=JobEvent.LOSE_LEASE, message=message))

    def _end(self, job_id: str, attempt: int, event: JobEvent, columns: dict[str, Any]) -> None:
        with self._store.write() as connection:
            row = self._lock(connection, job_id, attempt, EventName(event.value))
            if not isinstance(row, JobState):
                move(connection, row, event, self._store.now(connection), columns=columns)

    def _lock(self, connection: Connection, job_id: str, attempt: int, *events: EventName) -> Row | JobState:
        """Returns the running attempt's row, or the state it left the job in if it has been ended by such an event."""
        try:
            return lock_attempt(connection, job_id, attempt)
        except StaleAttemptError:
            mine = select(EVENTS.c.event, EVENTS.c.state).where(
                EVENTS.c.job_id == job_id,
                EVENTS.c.attempt == attempt,
                EVENTS.c.event.in_([event.value for event in _ENDINGS]),
            )
            # An attempt's first ending is its own; what comes after it was done to the job while it did not run.
            # Attempt 0 has never run.
            endings = connection.execute(mine.order_by(EVENTS.c.id)).all() if attempt > 0 else []
            if not endings or endings[0].event not in {event.value for event in events}:
                raise
            return JobState(endings[-1].state)


def _lapsed(now: datetime, worker_id: str | None) -> Any:
    is_lost = JOBS.c.lease_until < now
    if worker_id is not None:
        is_lost |= JOBS.c.worker_id == worker_id
    return select(JOBS).where(JOBS.c.state == JobState.RUNNING.value, is_lost).order_by(JOBS.c.number).limit(1)


def _fail(
    connection: Connection,
    row: Row,
    fault: Fault,
    now: datetime,
    *,
    retry: JobEvent,
    message: str,
    detail: dict[str, Any] | None = None,
) -> Row:
    wish = Wish(row["wish"])
    # A trainer's last words may hold anything; the databases hold neither NUL nor half a character.
    message = message.replace("\x00", "\ufffd").encode(errors="replace").decode()
    columns: dict[str, Any] = {"fault": fault.value, "message": message, "detail": detail}
    told = {"fault": fault.value, "message": message}
    n_retries = row["retries"].get(fault.value, 0) + 1
    if n_retries > RETRIES[fault]:
        return move(connection, row, JobEvent.FAIL, now, detail=told, columns=columns)
    columns["retries"] = {**row["retries"], fault.value: n_retries}
    columns["not_before"] = now + timedelta(seconds=retry_delay_s(n_retries))
    row = move(connection, row, retry, now, detail=told, columns=columns)
    # What was wished of the running job is done now that it does not run.
    return row if wish is Wish.NONE else move(connection, row, _WISHED[wish], now)
