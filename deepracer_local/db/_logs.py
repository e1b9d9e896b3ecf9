"""What jobs print, line by line. Bounded: of each job the first lines and the newest ones are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select

from deepracer_local.db._nouns import LogLine
from deepracer_local.db._rows import all_rows, check_id
from deepracer_local.db._schema import LOG_LINES
from deepracer_local.db._store import Store
from deepracer_local.db._transitions import lock_attempt

FIRST_LINES_KEPT = 500
"""Where a job tells how it was set up, and its first mistakes."""
NEWEST_LINES_KEPT = 4_500


class Logs:
    """The lines of jobs, numbered 1, 2, 3, ... in each job over all of its attempts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, job_id: str, attempt: int, lines: Sequence[str]) -> None:
        """Writes what an attempt has printed, and lets go of lines that are neither among the first nor the newest.

        Args:
            job_id: of the job.
            attempt: the running one.
            lines: in order; without U+0000 and halves of surrogate pairs, which the databases do not hold.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        if not lines:
            return
        with self._store.write(durable=False) as connection:
            lock_attempt(connection, job_id, attempt)
            mine = LOG_LINES.c.job_id == job_id
            last = connection.execute(select(func.coalesce(func.max(LOG_LINES.c.number), 0)).where(mine)).scalar_one()
            now = self._store.now(connection)
            rows = [
                {"job_id": job_id, "number": last + n, "attempt": attempt, "at": now, "text": line}
                for n, line in enumerate(lines, start=1)
            ]
            connection.execute(insert(LOG_LINES), rows)
            newest = last + len(lines) - NEWEST_LINES_KEPT
            if newest > FIRST_LINES_KEPT:
                between = LOG_LINES.c.number.between(FIRST_LINES_KEPT + 1, newest)
                connection.execute(delete(LOG_LINES).where(mine, between))

    def lines(self, job_id: str, after: int = 0, limit: int = 1_000, search: str = "") -> list[LogLine]:
        """Returns a job's lines behind the number ``after``, in order.

        Law: without ``search`` the numbers go on from ``after`` without a gap, but where lines are not kept: there one
        line, with the number of the last one that is missing, says so.

        Args:
            job_id: of the job; one that does not exist has no lines.
            after: the number of the last line already seen.
            limit: how many at most.
            search: a part of the line; the case of A to Z does not matter.
        """
        check_id("job", job_id)
        query = select(LOG_LINES.c.number, LOG_LINES.c.attempt, LOG_LINES.c.at, LOG_LINES.c.text)
        query = query.where(LOG_LINES.c.job_id == job_id, LOG_LINES.c.number > after)
        if search:
            # In the collation C, lower() folds ASCII alone in both databases.
            query = query.where(func.lower(LOG_LINES.c.text).contains(_folded(search), autoescape=True))
        with self._store.read() as connection:
            rows = all_rows(connection.execute(query.order_by(LOG_LINES.c.number).limit(limit)))
        found = [LogLine.model_validate(row) for row in rows]
        return found if search else _with_gaps_said(found, after)[:limit]


def _with_gaps_said(lines: Sequence[LogLine], after: int) -> list[LogLine]:
    whole: list[LogLine] = []
    for line in lines:
        if line.number > after + 1:
            text = f"[deepracer-local] lines {after + 1} to {line.number - 1} are not kept: there were too many"
            whole.append(line.model_copy(update={"number": line.number - 1, "text": text}))
        whole.append(line)
        after = line.number
    return whole


def _folded(text: str) -> str:
    return re.sub("[A-Z]+", lambda found: found.group().lower(), text)
