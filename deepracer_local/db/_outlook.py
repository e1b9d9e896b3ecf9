"""What is known about when waiting jobs start: who runs, who waits, and how long such jobs took."""

from __future__ import annotations

import statistics
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, select

from deepracer_local.db._nouns import Outlook, RunningJob, WaitingJob
from deepracer_local.db._queue import queue_query
from deepracer_local.db._schema import JOBS, UtcTime
from deepracer_local.db._store import Store
from deepracer_local.domain import JobKind, JobState

_REMEMBERED_JOBS = 20

# Built once: putting a statement together takes longer than running it.
_NOW: BindParameter[datetime] = bindparam("now", type_=UtcTime())
_WAITING = queue_query(_NOW, JOBS.c.id, JOBS.c.kind, JOBS.c.not_before)
_RUNNING = select(JOBS.c.kind, JOBS.c.spec, JOBS.c.progress, JOBS.c.started_at).where(
    JOBS.c.state == JobState.RUNNING.value
)
_FINISHED = (
    select(JOBS.c.started_at, JOBS.c.finished_at)
    .where(JOBS.c.state == JobState.SUCCEEDED.value, JOBS.c.kind == bindparam("kind"))
    .order_by(JOBS.c.number.desc())
    .limit(_REMEMBERED_JOBS)
)


def read_outlook(store: Store) -> Outlook:
    """Returns what is known at this moment, of all owners' jobs."""
    with store.read() as connection:
        now = store.now(connection)
        waiting = [
            WaitingJob(id=row.id, kind=JobKind(row.kind), not_before=row.not_before)
            for row in connection.execute(_WAITING, {"now": now})
        ]
        running = [
            RunningJob(kind=JobKind(row.kind), spec=row.spec, progress=row.progress, started_at=row.started_at)
            for row in connection.execute(_RUNNING)
        ]
        usual_s = {kind: _usual_seconds(connection, kind) for kind in JobKind}
    return Outlook(now=now, waiting=tuple(waiting), running=tuple(running), usual_s=usual_s)


def _usual_seconds(connection: Connection, kind: JobKind) -> float | None:
    """Returns the median time of the last jobs of this kind that succeeded; None where none has."""
    rows = connection.execute(_FINISHED, {"kind": kind.value})
    seconds = [(row.finished_at - row.started_at).total_seconds() for row in rows if row.started_at is not None]
    return max(0.1, statistics.median(seconds)) if seconds else None
