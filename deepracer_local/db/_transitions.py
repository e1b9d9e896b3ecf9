"""One transition of one job, as every caller makes it: state, model's status, event, in this order.

The order is that of the locks. Whoever changes a job locks its row first, then its model's, then the counter of the
events; no two transactions can then wait for each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from deepracer_local.db._events import append_event
from deepracer_local.db._nouns import EventName, Job, ModelStatus
from deepracer_local.db._rows import Row, check_id, one_row, row_or_none, without
from deepracer_local.db._schema import JOBS, MODELS, OPEN_STATES
from deepracer_local.domain import JobEvent, JobKind, JobState, Wish, next_state
from deepracer_local.errors import NotFoundError, StaleAttemptError

_PRIVATE = ("number", "idempotency_key", "body_hash")


def to_job(row: Row) -> Job:
    """Returns a row of ``jobs`` as a value."""
    return Job.model_validate(without(row, *_PRIVATE))


def lock_job(connection: Connection, owner: str, job_id: str) -> Row:
    """Returns the row of somebody's job, locked until commit.

    Raises:
        NotFoundError: it does not exist, or is another owner's.
    """
    check_id("job", job_id)
    query = select(JOBS).where(JOBS.c.id == job_id, JOBS.c.owner == owner).with_for_update()
    row = row_or_none(connection.execute(query))
    if row is None:
        raise NotFoundError("job", job_id)
    return row


def lock_attempt(connection: Connection, job_id: str, attempt: int) -> Row:
    """Returns the row of the job whose running attempt this is, locked until commit.

    Raises:
        StaleAttemptError: the attempt is not the running one.
    """
    query = select(JOBS).where(JOBS.c.id == job_id, JOBS.c.attempt == attempt, JOBS.c.state == JobState.RUNNING.value)
    row = row_or_none(connection.execute(query.with_for_update()))
    if row is None:
        raise StaleAttemptError(job_id, attempt)
    return row


def move(
    connection: Connection,
    job: Row,
    event: JobEvent,
    now: datetime,
    *,
    detail: dict[str, Any] | None = None,
    columns: dict[str, Any] | None = None,
) -> Row:
    """Makes a transition of a locked job and returns the row afterwards.

    Args:
        connection: within a write transaction.
        job: the locked row.
        event: what happens.
        now: when.
        detail: what the event tells besides.
        columns: what else changes in the row.

    Raises:
        IllegalTransitionError: the event cannot happen in the job's state.
    """
    state = next_state(JobState(job["state"]), event)
    changes: dict[str, Any] = {"state": state.value, "updated_at": now, **(columns or {})}
    if state is not JobState.RUNNING:
        changes |= {"lease_until": None, "wish": Wish.NONE.value}
    if state.is_final:
        changes |= {"finished_at": now, "not_before": None}
    changed = update(JOBS).where(JOBS.c.number == job["number"]).values(changes).returning(JOBS)
    row = one_row(connection.execute(changed))
    refresh_status(connection, row["model_id"], now)
    append_event(connection, row, EventName(event.value), now, detail or {})
    return row


def refresh_status(connection: Connection, model_id: str, now: datetime) -> None:
    """Writes what a model is doing, from its jobs; the model's row stays locked until commit."""
    connection.execute(select(MODELS.c.number).where(MODELS.c.id == model_id).with_for_update())
    mine = JOBS.c.model_id == model_id
    # Not of exports: they take seconds, and a model that is exported can do all that it can do otherwise.
    told = (mine, JOBS.c.kind != JobKind.EXPORT.value)
    unfinished = connection.execute(
        select(JOBS.c.kind, JOBS.c.state, JOBS.c.wish).where(*told, JOBS.c.state.in_(OPEN_STATES))
    ).all()
    last_training = connection.execute(
        select(JOBS.c.state)
        .where(mine, JOBS.c.kind == JobKind.TRAIN.value, JOBS.c.state.not_in(OPEN_STATES))
        .order_by(JOBS.c.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    status = model_status(
        [(JobKind(kind), JobState(state), Wish(wish)) for kind, state, wish in unfinished],
        JobState(last_training) if last_training else None,
    )
    connection.execute(
        update(MODELS)
        .where(MODELS.c.id == model_id, MODELS.c.status != status.value)
        .values(status=status.value, updated_at=now)
    )


def model_status(unfinished: list[tuple[JobKind, JobState, Wish]], last_training: JobState | None) -> ModelStatus:
    """Returns what a model is doing.

    Args:
        unfinished: its jobs that are not over.
        last_training: how its newest finished training ended; a failed evaluation leaves a model as it was.
    """
    running = [(kind, wish) for kind, state, wish in unfinished if state is JobState.RUNNING]
    states = {state for _, state, _ in unfinished}
    if any(wish is not Wish.NONE for _, wish in running):
        return ModelStatus.STOPPING
    if running:
        is_training = any(kind is JobKind.TRAIN for kind, _ in running)
        return ModelStatus.TRAINING if is_training else ModelStatus.EVALUATING
    if JobState.QUEUED in states:
        return ModelStatus.QUEUED
    if JobState.PAUSED in states:
        return ModelStatus.PAUSED
    return ModelStatus.ERROR if last_training is JobState.FAILED else ModelStatus.READY
