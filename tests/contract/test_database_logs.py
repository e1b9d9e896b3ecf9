"""The lines that jobs print, on both databases: numbered, fenced, bounded, and honest about what is not kept."""

from __future__ import annotations

import pytest

from deepracer_local.db import Database
from deepracer_local.db._logs import FIRST_LINES_KEPT, NEWEST_LINES_KEPT
from deepracer_local.domain import Fault
from deepracer_local.errors import NotFoundError, StaleAttemptError
from tests.contract.conftest import FakeClock
from tests.contract.database_steps import LEASE_S, OWNER, start

KEPT = FIRST_LINES_KEPT + NEWEST_LINES_KEPT


def fill(database: Database, job_id: str, n_lines: int) -> None:
    for first in range(1, n_lines + 1, 500):
        database.logs.append(job_id, 1, [f"line {n}" for n in range(first, min(first + 500, n_lines + 1))])


def test_lines_are_numbered_over_all_attempts(database: Database, clock: FakeClock) -> None:
    job = start(database)
    began_at = clock.now
    database.logs.append(job.id, 1, ["a", "", "ä\x1b[1m\t\u202e"])
    database.jobs.fail(job.id, 1, Fault.INFRASTRUCTURE, "gone")
    clock.advance(5)
    assert database.jobs.claim("worker", LEASE_S) is not None
    database.logs.append(job.id, 2, ["again"])

    lines = database.logs.lines(job.id)

    assert [(line.number, line.attempt, line.text) for line in lines] == [
        (1, 1, "a"),
        (2, 1, ""),
        (3, 1, "ä\x1b[1m\t\u202e"),
        (4, 2, "again"),
    ]
    assert [line.at for line in lines] == [began_at] * 3 + [clock.now]


def test_pages_follow_each_other(database: Database) -> None:
    job, other = start(database), start(database)
    database.logs.append(other.id, 1, ["of another"])
    fill(database, job.id, 25)

    pages = [[line.number for line in database.logs.lines(job.id, after, limit=10)] for after in (0, 10, 20, 25)]

    assert pages == [list(range(1, 11)), list(range(11, 21)), list(range(21, 26)), []]


def test_an_attempt_that_is_over_prints_no_more(database: Database) -> None:
    job = start(database)
    database.jobs.succeed(job.id, 1, {})

    with pytest.raises(StaleAttemptError):
        database.logs.append(job.id, 1, ["late"])

    assert database.logs.lines(job.id) == []


def test_the_first_and_the_newest_lines_are_kept_and_the_gap_is_said(database: Database) -> None:
    job = start(database)
    fill(database, job.id, KEPT + 1_000)

    lines = database.logs.lines(job.id, limit=2 * KEPT)

    assert len(lines) == KEPT + 1
    assert [line.text for line in lines[:FIRST_LINES_KEPT]] == [f"line {n}" for n in range(1, FIRST_LINES_KEPT + 1)]
    gap = lines[FIRST_LINES_KEPT]
    assert gap.number == FIRST_LINES_KEPT + 1_000
    assert f"lines {FIRST_LINES_KEPT + 1} to {FIRST_LINES_KEPT + 1_000} are not kept" in gap.text
    assert [line.text for line in lines[FIRST_LINES_KEPT + 1 :]] == [
        f"line {n}" for n in range(FIRST_LINES_KEPT + 1_001, KEPT + 1_001)
    ]


def test_a_reader_who_was_too_slow_is_told_what_it_missed(database: Database) -> None:
    job = start(database)
    fill(database, job.id, KEPT + 1_000)
    seen = FIRST_LINES_KEPT + 900

    lines = database.logs.lines(job.id, seen, limit=3)

    assert [line.number for line in lines] == [seen + 100, seen + 101, seen + 102]
    assert f"lines {seen + 1} to {seen + 100}" in lines[0].text
    assert lines[1].text == f"line {seen + 101}"


def test_lines_are_found_by_a_part_of_them(database: Database) -> None:
    job = start(database)
    database.logs.append(job.id, 1, ["Speed 1", "100% done", "speed 2", "ÄRGER", "50 done", "under_score"])

    def found(search: str) -> list[int]:
        return [line.number for line in database.logs.lines(job.id, search=search)]

    assert found("SPEED") == [1, 3]
    assert found("%") == [2]
    assert found("_") == [6]
    assert found("Ä") == [4]
    assert found("nothing") == []
    assert [line.number for line in database.logs.lines(job.id, 1, 1, search="speed")] == [3]


def test_lines_go_with_their_model(database: Database) -> None:
    job = start(database)
    database.logs.append(job.id, 1, ["a"])
    database.jobs.succeed(job.id, 1, {})
    assert len(database.logs.lines(job.id)) == 1

    database.models.delete(OWNER, job.model_id)

    assert database.logs.lines(job.id) == []
    with pytest.raises(NotFoundError):
        database.logs.lines("no id")
