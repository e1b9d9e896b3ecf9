"""The events of jobs: numbered without a gap, in the order in which they become visible."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from deepracer_local.db._nouns import Event, EventName
from deepracer_local.db._rows import Row, all_rows
from deepracer_local.db._schema import COUNTERS, EVENTS
from deepracer_local.db._store import Store

_COUNTER = "job_events"

# Put together once: that takes longer than running them, and every watcher asks several times a second.
_AFTER = select(EVENTS).where(EVENTS.c.id > bindparam("after")).order_by(EVENTS.c.id).limit(bindparam("rows"))
_AFTER_OF_JOB = _AFTER.where(EVENTS.c.job_id == bindparam("job_id"))


class Events:
    """What happened, for those who watch."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def after(self, event_id: int, job_id: str | None = None, limit: int = 1000) -> list[Event]:
        """Returns the events that came after ``event_id``, oldest first.

        Law: whoever has seen an event has been shown every one with a smaller number, because numbers are given out
        in the order of commits.
        """
        values = {"after": event_id, "job_id": job_id, "rows": limit}
        with self._store.read() as connection:
            rows = all_rows(connection.execute(_AFTER if job_id is None else _AFTER_OF_JOB, values))
        return [Event.model_validate(row) for row in rows]

    def last_id(self) -> int:
        """Returns the number of the newest event; 0 before the first."""
        with self._store.read() as connection:
            return connection.execute(select(COUNTERS.c.value).where(COUNTERS.c.name == _COUNTER)).scalar_one()


def append_event(connection: Connection, job: Row, event: EventName, now: datetime, detail: dict[str, Any]) -> None:
    """Writes that ``event`` happened to ``job``, which is the row as it is afterwards.

    Has to be the last thing a transaction does: it holds the counter's row, for which all others wait, until commit.
    """
    count = update(COUNTERS).where(COUNTERS.c.name == _COUNTER).values(value=COUNTERS.c.value + 1)
    event_id = connection.execute(count.returning(COUNTERS.c.value)).scalar_one()
    connection.execute(
        insert(EVENTS).values(
            id=event_id,
            owner=job["owner"],
            job_id=job["id"],
            model_id=job["model_id"],
            attempt=job["attempt"],
            at=now,
            event=event.value,
            state=job["state"],
            detail=detail,
        )
    )
