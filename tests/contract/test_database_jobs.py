"""Jobs as their owners see them, on both databases: submission, wishes, lists, events, rules of the tables."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from deepracer_local.db import Database, EventName, ModelStatus, NewJob, NewModel
from deepracer_local.domain import Fault, JobKind, JobState, Wish
from deepracer_local.errors import (
    ConflictError,
    NotFoundError,
    SpecError,
)
from tests.contract.conftest import FakeClock
from tests.contract.database_steps import LEASE_S, OWNER, add_model, event_names, start, submit


def test_a_submitted_job_waits_in_the_queue(database: Database, clock: FakeClock) -> None:
    job = submit(database)

    assert (job.state, job.wish, job.attempt) == (JobState.QUEUED, Wish.NONE, 0)
    assert job.spec == {"laps": 3}
    assert job.created_at == clock.now
    assert len(job.id) == 15
    assert database.jobs.get(OWNER, job.id) == job
    assert [(entry.position, entry.job) for entry in database.jobs.queue()] == [(1, job)]


def test_what_unfinished_jobs_are_to_do_is_told_of_all_owners(database: Database) -> None:
    waiting, theirs, over = submit(database), submit(database, "somebody"), submit(database)
    database.jobs.request_cancel(OWNER, over.id)

    assert database.jobs.unfinished_specs() == [waiting.spec, theirs.spec]


def test_a_job_needs_a_model_of_its_owner(database: Database) -> None:
    model_id = add_model(database, "somebody")

    for wrong in (model_id, "0" * 15, "not an id", "\x00"):
        with pytest.raises((NotFoundError, ValueError)):
            database.jobs.add(OWNER, NewJob(kind=JobKind.TRAIN, model_id=wrong, spec={}))


def test_another_owners_job_does_not_exist(database: Database) -> None:
    job = submit(database, "somebody")

    for ask in (database.jobs.get, database.jobs.request_cancel, database.jobs.request_pause, database.jobs.resume):
        with pytest.raises(NotFoundError):
            ask(OWNER, job.id)


@pytest.mark.parametrize("identifier", ["", "x", "0" * 15, "é" * 15, "\x00" * 15, "a" * 100_000], ids=ascii)
def test_an_id_that_does_not_exist_is_not_found(database: Database, identifier: str) -> None:
    with pytest.raises(NotFoundError):
        database.jobs.get(OWNER, identifier)


def test_the_same_key_gives_the_same_job(database: Database) -> None:
    new = NewJob(kind=JobKind.TRAIN, model_id=add_model(database), spec={})

    first = database.jobs.add(OWNER, new, "key", "hash")
    database.jobs.claim("worker", LEASE_S)
    second = database.jobs.add(OWNER, new, "key", "hash")

    assert second.id == first.id
    assert second.state is JobState.RUNNING
    assert len(database.jobs.list(OWNER).items) == 1


def test_the_same_key_for_another_request_is_refused(database: Database) -> None:
    new = NewJob(kind=JobKind.TRAIN, model_id=add_model(database), spec={})
    database.jobs.add(OWNER, new, "key", "hash")

    with pytest.raises(ConflictError):
        database.jobs.add(OWNER, new, "key", "other hash")


def test_a_key_is_each_owners_own(database: Database) -> None:
    jobs = [
        database.jobs.add(owner, NewJob(kind=JobKind.TRAIN, model_id=add_model(database, owner), spec={}), "key", "h")
        for owner in ("one", "two")
    ]

    assert jobs[0].id != jobs[1].id


def test_one_key_sent_by_many_at_once_makes_one_job(database: Database) -> None:
    new = NewJob(kind=JobKind.TRAIN, model_id=add_model(database), spec={})
    together = threading.Barrier(8)

    def send(_: int) -> str:
        together.wait()
        return database.jobs.add(OWNER, new, "key", "hash").id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(send, range(8)))

    assert len(ids) == 1
    assert len(database.jobs.list(OWNER).items) == 1


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.PAUSED])
def test_a_model_is_trained_by_one_job_at_a_time(database: Database, state: JobState) -> None:
    new = NewJob(kind=JobKind.TRAIN, model_id=add_model(database), spec={})
    first = database.jobs.add(OWNER, new)
    if state is JobState.RUNNING:
        database.jobs.claim("worker", LEASE_S)
    if state is JobState.PAUSED:
        database.jobs.request_pause(OWNER, first.id)

    with pytest.raises(ConflictError, match=f"{first.id} .* {state}"):
        database.jobs.add(OWNER, new)

    evaluation = database.jobs.add(OWNER, new.model_copy(update={"kind": JobKind.EVALUATE}))
    assert {job.id for job in database.jobs.list(OWNER).items} == {first.id, evaluation.id}


def test_a_model_may_be_trained_again_when_its_training_is_over(database: Database) -> None:
    new = NewJob(kind=JobKind.TRAIN, model_id=add_model(database), spec={})
    database.jobs.request_cancel(OWNER, database.jobs.add(OWNER, new).id)

    again = database.jobs.add(OWNER, new)

    assert again.state is JobState.QUEUED


def test_the_tables_themselves_refuse_a_second_training(database: Database, database_url: str) -> None:
    job = submit(database)
    engine = create_engine(database_url)
    copied = "owner, created_at, updated_at, kind, model_id, spec, state, wish, attempt, retries, progress"

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO jobs (id, {copied}) SELECT 'another', {copied} FROM jobs WHERE id = :id"),
            {"id": job.id},
        )

    engine.dispose()


def test_a_model_and_its_first_job_are_made_once_for_each_key(database: Database) -> None:
    new = NewModel(name="m", spec={}, reward_key="r", tags=("a",))

    made = [database.jobs.add_with_model(OWNER, new, JobKind.TRAIN, {"x": 1}, "key", "hash") for _ in range(2)]

    assert made[0] == made[1]
    assert made[0][0].status is ModelStatus.QUEUED
    assert made[0][1].model_id == made[0][0].id
    assert database.models.count(OWNER) == 1


def test_a_clone_of_a_model_that_is_not_there_leaves_nothing_behind(database: Database) -> None:
    new = NewModel(name="m", spec={}, reward_key="r", parent_id="0" * 15)

    with pytest.raises(NotFoundError):
        database.jobs.add_with_model(OWNER, new, JobKind.TRAIN, {})

    assert database.models.count(OWNER) == 0


def test_cancelling_a_queued_job_is_done_at_once(database: Database, clock: FakeClock) -> None:
    job = submit(database)

    cancelled = database.jobs.request_cancel(OWNER, job.id)

    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, clock.now)
    assert database.jobs.claim("worker", LEASE_S) is None
    assert database.jobs.request_cancel(OWNER, job.id) == cancelled


def test_cancelling_a_running_job_is_a_wish_that_the_next_heartbeat_brings(database: Database) -> None:
    job = start(database)

    wished = database.jobs.request_cancel(OWNER, job.id)

    assert (wished.state, wished.wish) == (JobState.RUNNING, Wish.CANCEL)
    assert database.models.get(OWNER, job.model_id).status is ModelStatus.STOPPING
    assert database.jobs.heartbeat(job.id, 1, LEASE_S) is Wish.CANCEL
    database.jobs.cancelled(job.id, 1, {"steps": 7})
    done = database.jobs.get(OWNER, job.id)
    assert (done.state, done.wish, done.result) == (JobState.CANCELLED, Wish.NONE, {"steps": 7})
    assert event_names(database, job) == ["SUBMIT", "CLAIM", "WISH_CANCEL", "CANCEL"]


def test_a_pause_rests_until_it_is_resumed(database: Database) -> None:
    job = start(database)
    database.jobs.request_pause(OWNER, job.id)
    assert database.jobs.heartbeat(job.id, 1, LEASE_S) is Wish.PAUSE

    database.jobs.paused(job.id, 1)

    assert database.models.get(OWNER, job.model_id).status is ModelStatus.PAUSED
    assert database.jobs.claim("worker", LEASE_S) is None
    assert database.jobs.resume(OWNER, job.id).state is JobState.QUEUED
    again = database.jobs.claim("worker", LEASE_S)
    assert again is not None
    assert (again.attempt, again.wish) == (2, Wish.NONE)


def test_a_queued_job_is_paused_at_once_and_can_be_cancelled(database: Database) -> None:
    job = submit(database)

    assert database.jobs.request_pause(OWNER, job.id).state is JobState.PAUSED
    assert database.jobs.request_pause(OWNER, job.id).state is JobState.PAUSED
    assert database.jobs.request_cancel(OWNER, job.id).state is JobState.CANCELLED


def test_a_cancel_overrides_a_pause_and_not_the_other_way_round(database: Database) -> None:
    job = start(database)

    database.jobs.request_pause(OWNER, job.id)
    database.jobs.request_cancel(OWNER, job.id)

    with pytest.raises(ConflictError):
        database.jobs.request_pause(OWNER, job.id)
    assert database.jobs.heartbeat(job.id, 1, LEASE_S) is Wish.CANCEL


@pytest.mark.parametrize(
    ("wish", "state"), [(Wish.CANCEL, JobState.CANCELLED), (Wish.PAUSE, JobState.PAUSED)], ids=["cancel", "pause"]
)
def test_a_wish_outlives_the_worker_that_should_have_fulfilled_it(
    database: Database, clock: FakeClock, wish: Wish, state: JobState
) -> None:
    job = start(database)
    ask = database.jobs.request_cancel if wish is Wish.CANCEL else database.jobs.request_pause
    ask(OWNER, job.id)
    clock.advance(LEASE_S + 1)

    lost = database.jobs.expire_leases()

    assert [found.state for found in lost] == [state]
    assert event_names(database, job)[-2:] == ["LOSE_LEASE", wish.value]


def test_lists_come_newest_first_in_pages(database: Database) -> None:
    submitted = [submit(database).id for _ in range(7)]
    submit(database, "somebody")

    listed: list[str] = []
    token: str | None = None
    for _ in range(3):
        page = database.jobs.list(OWNER, after=token, limit=3)
        listed += [job.id for job in page.items]
        token = page.next_token

    assert listed == submitted[::-1]
    assert token is None


def test_lists_are_filtered_by_state_kind_and_model(database: Database) -> None:
    running = start(database)
    evaluation = submit(database, kind=JobKind.EVALUATE)

    def ids(**conditions: Any) -> list[str]:
        return [job.id for job in database.jobs.list(OWNER, **conditions).items]

    assert ids(states=[JobState.RUNNING]) == [running.id]
    assert ids(states=[]) == []
    assert ids(kind=JobKind.EVALUATE) == [evaluation.id]
    assert ids(model_id=running.model_id) == [running.id]
    assert ids(states=[JobState.RUNNING, JobState.QUEUED]) == [evaluation.id, running.id]


@pytest.mark.parametrize(
    "token", ["", "x", "!!!!", "bnVsbA", "WyJhIl0", "W3RydWVd", "WzFlOTk5XQ", "9" * 5000], ids=ascii
)
def test_a_token_of_no_page_is_refused(database: Database, token: str) -> None:
    with pytest.raises(SpecError):
        database.jobs.list(OWNER, after=token)


def test_jobs_are_counted_by_state(database: Database) -> None:
    start(database)
    submit(database)
    submit(database)

    counts = database.jobs.counts()

    assert (counts[JobState.RUNNING], counts[JobState.QUEUED], counts[JobState.FAILED]) == (1, 2, 0)


def test_events_are_numbered_in_order_and_read_from_any_place(database: Database, clock: FakeClock) -> None:
    job = start(database)
    clock.advance(3)
    database.jobs.fail(job.id, 1, Fault.HANG, "stuck")

    events = database.events.after(0)

    assert [event.id for event in events] == [1, 2, 3]
    assert database.events.last_id() == 3
    assert [event.state for event in events] == [JobState.QUEUED, JobState.RUNNING, JobState.QUEUED]
    assert (events[2].event, events[2].attempt, events[2].at) == (EventName.RETRY, 1, clock.now)
    assert (events[2].owner, events[2].model_id) == (OWNER, job.model_id)
    assert events[2].detail == {"fault": "HANG", "message": "stuck"}
    assert database.events.after(1, limit=1) == [events[1]]
    assert database.events.after(0, "0" * 15) == []


def test_a_watcher_never_misses_an_event_that_is_committed_later(database: Database) -> None:
    done = threading.Event()
    seen: list[int] = []

    def watch() -> None:
        while True:
            is_last = done.is_set()
            seen.extend(event.id for event in database.events.after(seen[-1] if seen else 0))
            if is_last:
                return

    with ThreadPoolExecutor(5) as pool:
        watcher = pool.submit(watch)
        for submitting in [pool.submit(lambda: [submit(database) for _ in range(15)]) for _ in range(4)]:
            submitting.result()
        done.set()
        watcher.result()

    assert seen == list(range(1, 61))


@pytest.mark.parametrize(
    "change",
    ["state = 'QUEUED', finished_at = NULL", "state = 'FAILED'", "attempt = attempt + 1"],
    ids=["reopened", "another end", "another attempt"],
)
def test_the_tables_themselves_keep_a_final_state(database: Database, database_url: str, change: str) -> None:
    job = start(database)
    database.jobs.succeed(job.id, 1, {})
    engine = create_engine(database_url)

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(f"UPDATE jobs SET {change}"))

    engine.dispose()
    assert database.jobs.get(OWNER, job.id).state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    "change",
    ["attempt = 0", "lease_until = NULL", "state = 'LOST', lease_until = NULL", "state = 'PAUSED'"],
    ids=["attempt back", "no lease", "unknown state", "lease without run"],
)
def test_the_tables_themselves_keep_the_rules_of_running(database: Database, database_url: str, change: str) -> None:
    start(database)
    engine = create_engine(database_url)

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(f"UPDATE jobs SET {change}"))

    engine.dispose()
