"""The events of jobs: numbered without a gap, in the order in which they become visible."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from deepracer_local.db._nouns import Event, EventName
from deepracer_local.db._rows import Row, all_rows
from deepracer_local.db._schema import COUNTERS, EVENTS
from deepracer_local.db._store import Store

_COUNTER = "job_events"


class Events:
    """What happened, for those who watch."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def after(self, event_id: int, job_id: str | None = None, limit: int = 1000) -> list[Event]:
        """Returns the events that came after ``event_id``, oldest first.

        Law: whoever has seen an event has been shown every one with a smaller number, because numbers are given out
        in the order of commits.
        """
        query = select(EVENTS).where(EVENTS.c.id > event_id).order_by(EVENTS.c.id).limit(limit)
        if job_id is not None:
            query = query.where(EVENTS.c.job_id == job_id)
        with self._store.read() as connection:
            return [Event.model_validate(dict(row)) for row in all_rows(connection.execute(query))]

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
