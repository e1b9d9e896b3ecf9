"""The order of the queue, as one query: fair between owners, first come first served within one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Subquery, case, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from deepracer_local.db._schema import JOBS
from deepracer_local.domain import JobEvent, JobKind, JobState, next_state

Moment = datetime | BindParameter[datetime]

_CLAIMED = next_state(JobState.QUEUED, JobEvent.CLAIM)


def claim_statement(now: datetime, worker_id: str, lease_s: float, kinds: Collection[JobKind]) -> ReturningUpdate[Any]:
    """Returns the one statement that picks the job whose turn it is and marks it as running.

    The inner query locks the row it picks and steps over rows that others are picking at this moment (PostgreSQL; in
    SQLite a claimer is alone), so that any number of claimers get different jobs and none waits.
    """
    queued = [_is(JobState.QUEUED), JOBS.c.kind.in_([kind.value for kind in kinds])]
    line = _line(now, *queued, is_due(now))
    picked = (
        select(JOBS.c.number)
        .join(line, line.c.number == JOBS.c.number)
        .where(*queued)
        .order_by(line.c.level, JOBS.c.number)
        .limit(1)
        .with_for_update(of=JOBS, skip_locked=True)
        .cte("picked")
    )
    return (
        update(JOBS)
        .where(JOBS.c.number == select(picked.c.number).scalar_subquery())
        .values(
            state=_CLAIMED.value,
            attempt=JOBS.c.attempt + 1,
            worker_id=worker_id,
            lease_until=now + timedelta(seconds=lease_s),
            not_before=None,
            started_at=func.coalesce(JOBS.c.started_at, now),
            updated_at=now,
        )
        .returning(JOBS)
    )


def queue_query(now: Moment, *columns: Any) -> Select[Any]:
    """Returns the query for these columns of the queued jobs, in the order of their claims as far as is known now.

    A job that waits before it is tried again comes after those that do not, by the end of its wait.
    """
    line = _line(now, _is(JobState.QUEUED))
    waits_until = case((JOBS.c.not_before > now, JOBS.c.not_before))
    return (
        select(*columns)
        .select_from(JOBS)
        .join(line, line.c.number == JOBS.c.number)
        .order_by(is_due(now).desc(), waits_until, line.c.level, JOBS.c.number)
    )


def is_due(now: Moment) -> ColumnElement[bool]:
    """Returns the condition that a job need not wait."""
    return or_(JOBS.c.not_before.is_(None), JOBS.c.not_before <= now)


def _is(state: JobState) -> ColumnElement[bool]:
    return JOBS.c.state == state.value


def _line(now: Moment, *conditions: ColumnElement[bool]) -> Subquery:
    """Returns each job's number and level: its owner's running jobs plus those of the owner's that are before it.

    To claim always for the owner with the fewest running jobs is to claim in the order of (level, number). As a sort
    order it stays fair where several claimers look at the same moment: the second finds the first's row locked and
    takes the next owner's.
    """
    running = (
        select(JOBS.c.owner, func.count().label("jobs")).where(_is(JobState.RUNNING)).group_by(JOBS.c.owner).subquery()
    )
    place = func.row_number().over(partition_by=(JOBS.c.owner, is_due(now)), order_by=JOBS.c.number)
    level = func.coalesce(running.c.jobs, 0) + place
    return (
        select(JOBS.c.number, level.label("level"))
        .outerjoin(running, running.c.owner == JOBS.c.owner)
        .where(*conditions)
        .subquery()
    )
