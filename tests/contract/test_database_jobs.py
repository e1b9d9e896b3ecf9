"""The queue, on both databases: submission, claims, leases, fences, budgets, fairness, events."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from deepracer_local.db import Database, EventName, Job, ModelStatus, NewJob, NewModel, open_database
from deepracer_local.domain import RETRIES, Fault, JobKind, JobState, Wish
from deepracer_local.errors import (
    ConflictError,
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
    SpecError,
    StaleAttemptError,
)
from tests.contract.conftest import FakeClock

OWNER = "local"
LEASE_S = 15.0


def add_model(database: Database, owner: str = OWNER, **fields: Any) -> str:
    return database.models.add(owner, NewModel(**{"name": "m", "spec": {}, "reward_key": "r", **fields})).id


def submit(database: Database, owner: str = OWNER, kind: JobKind = JobKind.TRAIN) -> Job:
    return database.jobs.add(owner, NewJob(kind=kind, model_id=add_model(database, owner), spec={"laps": 3}))


def start(database: Database, **options: Any) -> Job:
    submit(database, **options)
    job = database.jobs.claim("worker", LEASE_S)
    assert job is not None
    return job


def event_names(database: Database, job: Job) -> list[str]:
    return [event.event.value for event in database.events.after(0, job.id)]


def test_a_submitted_job_waits_in_the_queue(database: Database, clock: FakeClock) -> None:
    job = submit(database)

    assert (job.state, job.wish, job.attempt) == (JobState.QUEUED, Wish.NONE, 0)
    assert job.spec == {"laps": 3}
    assert job.created_at == clock.now
    assert len(job.id) == 15
    assert database.jobs.get(OWNER, job.id) == job
    assert [(entry.position, entry.job) for entry in database.jobs.queue()] == [(1, job)]


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


def test_a_claim_starts_the_next_attempt(database: Database, clock: FakeClock) -> None:
    job = start(database)

    assert (job.state, job.attempt, job.worker_id) == (JobState.RUNNING, 1, "worker")
    assert job.lease_until is not None
    assert (job.lease_until - clock.now).total_seconds() == LEASE_S
    assert job.started_at == clock.now
    assert database.jobs.claim("other", LEASE_S) is None


def test_a_claim_takes_only_the_kinds_that_the_worker_does(database: Database) -> None:
    submit(database, kind=JobKind.TRAIN)
    evaluation = submit(database, kind=JobKind.EVALUATE)

    claimed = database.jobs.claim("worker", LEASE_S, [JobKind.EVALUATE])

    assert claimed is not None
    assert claimed.id == evaluation.id
    assert database.jobs.claim("worker", LEASE_S, [JobKind.EVALUATE]) is None


def test_jobs_of_one_owner_are_claimed_in_the_order_of_their_submission(database: Database) -> None:
    submitted = [submit(database).id for _ in range(5)]

    claimed = [job.id for _ in range(5) if (job := database.jobs.claim("worker", LEASE_S))]

    assert claimed == submitted


def test_the_owner_with_the_fewest_running_jobs_is_next(database: Database) -> None:
    owners = ["a", "a", "a", "a", "b", "b", "c"]
    for owner in owners:
        submit(database, owner)

    expected = [entry.job.id for entry in database.jobs.queue()]
    claimed = [job for _ in owners if (job := database.jobs.claim("worker", LEASE_S))]

    assert [job.owner for job in claimed] == ["a", "b", "c", "a", "b", "a", "a"]
    assert [job.id for job in claimed] == expected


def test_claims_at_the_same_moment_are_fair_too(database: Database) -> None:
    for owner in ["a"] * 6 + ["b"] * 6:
        submit(database, owner)
    together = threading.Barrier(4)

    def claim(_: int) -> str:
        together.wait()
        job = database.jobs.claim("worker", LEASE_S)
        assert job is not None
        return job.owner

    with ThreadPoolExecutor(4) as pool:
        owners = sorted(pool.map(claim, range(4)))

    assert owners == ["a", "a", "b", "b"]


def test_every_job_is_claimed_once_by_many_claimers(database: Database) -> None:
    submitted = {submit(database, f"owner {i % 3}").id for i in range(40)}

    def claim_all(worker: int) -> list[str]:
        claimed = []
        while (job := database.jobs.claim(f"worker {worker}", LEASE_S)) is not None:
            claimed.append(job.id)
        return claimed

    with ThreadPoolExecutor(8) as pool:
        claimed = [job_id for ids in pool.map(claim_all, range(8)) for job_id in ids]

    # A claimer may find every row that was free a moment ago locked by others, and leave; what it left is still there.
    claimed += claim_all(8)
    assert len(claimed) == len(submitted)
    assert set(claimed) == submitted


def test_a_heartbeat_renews_the_lease_and_writes_the_progress(database: Database, clock: FakeClock) -> None:
    job = start(database)
    clock.advance(10)

    wish = database.jobs.heartbeat(job.id, 1, LEASE_S, {"steps": 300})

    renewed = database.jobs.get(OWNER, job.id)
    assert wish is Wish.NONE
    assert renewed.progress == {"steps": 300}
    assert renewed.lease_until is not None
    assert (renewed.lease_until - clock.now).total_seconds() == LEASE_S


def test_a_heartbeat_without_progress_keeps_the_last_one(database: Database) -> None:
    job = start(database)
    database.jobs.heartbeat(job.id, 1, LEASE_S, {"steps": 300})

    database.jobs.heartbeat(job.id, 1, LEASE_S)

    assert database.jobs.get(OWNER, job.id).progress == {"steps": 300}


def test_a_success_is_final(database: Database, clock: FakeClock) -> None:
    job = start(database)
    clock.advance(5)

    database.jobs.succeed(job.id, 1, {"laps": [1.5]})

    done = database.jobs.get(OWNER, job.id)
    assert (done.state, done.result, done.finished_at) == (JobState.SUCCEEDED, {"laps": [1.5]}, clock.now)
    assert done.lease_until is None
    for ask in (database.jobs.request_cancel, database.jobs.request_pause, database.jobs.resume):
        with pytest.raises(IllegalTransitionError):
            ask(OWNER, job.id)


def test_an_ending_whose_answer_was_lost_may_be_reported_again(database: Database) -> None:
    job = start(database)

    for _ in range(2):
        database.jobs.succeed(job.id, 1, {"a": 1})

    assert database.jobs.get(OWNER, job.id).result == {"a": 1}
    assert event_names(database, job) == ["SUBMIT", "CLAIM", "SUCCEED"]


def test_a_failure_reported_twice_counts_once(database: Database) -> None:
    job = start(database)

    states = [database.jobs.fail(job.id, 1, Fault.HANG, "stuck") for _ in range(2)]

    assert states == [JobState.QUEUED, JobState.QUEUED]
    assert database.jobs.get(OWNER, job.id).retries == {Fault.HANG: 1}


def stale_writes(database: Database, job_id: str, attempt: int) -> dict[str, Any]:
    """Everything that a worker can write, as calls for this attempt."""
    jobs, progress = database.jobs, database.progress
    row = {"iteration": 1, "number": 1}
    return {
        "heartbeat": lambda: jobs.heartbeat(job_id, attempt, LEASE_S, {"steps": -1}),
        "succeed": lambda: jobs.succeed(job_id, attempt, {}),
        "fail": lambda: jobs.fail(job_id, attempt, Fault.HANG, "late"),
        "cancelled": lambda: jobs.cancelled(job_id, attempt),
        "paused": lambda: jobs.paused(job_id, attempt),
        "hand_back": lambda: jobs.hand_back(job_id, attempt),
        "metrics": lambda: progress.append_metrics(job_id, attempt, [row]),
        "episodes": lambda: progress.append_episodes(job_id, attempt, [row]),
        "evaluations": lambda: progress.append_evaluations(job_id, attempt, [row]),
        "roll_back": lambda: progress.roll_back(job_id, attempt, 0),
        "artifact": lambda: database.artifacts.record(
            job_id, attempt, name="n", key="k", size=1, sha256="s", kind="MODEL"
        ),
        "result": lambda: database.models.set_result(job_id, attempt, best_checkpoint="late"),
    }


def test_whatever_a_lost_attempt_writes_is_refused_and_changes_nothing(database: Database, clock: FakeClock) -> None:
    job = start(database)
    clock.advance(LEASE_S + 1)
    database.jobs.expire_leases()
    clock.advance(60)
    second = database.jobs.claim("other", LEASE_S)
    assert second is not None
    before = (database.jobs.get(OWNER, job.id), database.models.get(OWNER, job.model_id), database.events.last_id())

    for attempt in (0, 1, 3):
        for write in stale_writes(database, job.id, attempt).values():
            with pytest.raises(StaleAttemptError):
                write()

    after = (database.jobs.get(OWNER, job.id), database.models.get(OWNER, job.model_id), database.events.last_id())
    assert second.attempt == 2
    assert after == before
    assert database.progress.metrics(job.model_id) == []
    assert database.artifacts.list(job.model_id) == []


def test_an_attempt_that_succeeded_writes_no_more(database: Database) -> None:
    job = start(database)
    database.jobs.succeed(job.id, 1, {"a": 1})

    calls = stale_writes(database, job.id, 1)
    del calls["succeed"]
    for write in calls.values():
        with pytest.raises(StaleAttemptError):
            write()

    assert database.jobs.get(OWNER, job.id).result == {"a": 1}


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_is_tried_again_while_its_budget_lasts(database: Database, clock: FakeClock, fault: Fault) -> None:
    submit(database)
    states = []

    for _ in range(RETRIES[fault] + 1):
        clock.advance(61)
        job = database.jobs.claim("worker", LEASE_S)
        assert job is not None
        states.append(database.jobs.fail(job.id, job.attempt, fault, "broken", {"line": 3}))

    assert states == [JobState.QUEUED] * RETRIES[fault] + [JobState.FAILED]
    failed = database.jobs.get(OWNER, job.id)
    assert (failed.fault, failed.message, failed.detail) == (fault, "broken", {"line": 3})
    assert failed.attempt == RETRIES[fault] + 1


def test_budgets_are_counted_apart(database: Database, clock: FakeClock) -> None:
    submit(database)

    for fault in (Fault.OUT_OF_MEMORY, Fault.HANG, Fault.INFRASTRUCTURE):
        clock.advance(61)
        job = database.jobs.claim("worker", LEASE_S)
        assert job is not None
        assert database.jobs.fail(job.id, job.attempt, fault, "broken") is JobState.QUEUED

    assert database.jobs.get(OWNER, job.id).retries == {
        Fault.OUT_OF_MEMORY: 1,
        Fault.HANG: 1,
        Fault.INFRASTRUCTURE: 1,
    }


def test_a_retry_waits_longer_each_time_and_keeps_its_place(database: Database, clock: FakeClock) -> None:
    first = start(database)
    later = submit(database)
    database.jobs.fail(first.id, 1, Fault.INFRASTRUCTURE, "gone")

    assert [entry.job.id for entry in database.jobs.queue()] == [later.id, first.id]
    clock.advance(1)
    assert [entry.job.id for entry in database.jobs.queue()] == [first.id, later.id]

    again = database.jobs.claim("worker", LEASE_S)
    assert again is not None
    assert (again.id, again.attempt) == (first.id, 2)
    database.jobs.fail(again.id, 2, Fault.INFRASTRUCTURE, "gone")
    waiting = database.jobs.get(OWNER, first.id)
    assert waiting.not_before is not None
    assert (waiting.not_before - clock.now).total_seconds() == 2


def test_last_words_that_no_database_holds_still_fail_the_job(database: Database) -> None:
    job = start(database)

    state = database.jobs.fail(job.id, 1, Fault.USER_ERROR, "bad \x00 \ud800 words", {"text": "\x00 \ud800"})

    assert state is JobState.FAILED
    assert database.jobs.get(OWNER, job.id).detail == {"text": "\x00 \ud800"}


def test_a_lease_that_is_not_renewed_is_lost(database: Database, clock: FakeClock) -> None:
    job = start(database)
    clock.advance(LEASE_S - 0.1)
    assert database.jobs.expire_leases() == []
    clock.advance(0.2)

    lost = database.jobs.expire_leases()

    assert [(found.id, found.state, found.fault) for found in lost] == [(job.id, JobState.QUEUED, Fault.INFRASTRUCTURE)]
    assert database.jobs.expire_leases() == []


def test_a_heartbeat_in_time_keeps_the_lease(database: Database, clock: FakeClock) -> None:
    job = start(database)

    for _ in range(5):
        clock.advance(LEASE_S - 1)
        database.jobs.heartbeat(job.id, 1, LEASE_S)
        assert database.jobs.expire_leases() == []


def test_a_job_whose_workers_die_again_and_again_fails(database: Database, clock: FakeClock) -> None:
    job = submit(database)

    for _ in range(RETRIES[Fault.INFRASTRUCTURE] + 1):
        clock.advance(61)
        assert database.jobs.claim("worker", LEASE_S) is not None
        clock.advance(LEASE_S + 1)
        lost = database.jobs.expire_leases()

    assert [found.state for found in lost] == [JobState.FAILED]
    assert database.jobs.get(OWNER, job.id).state is JobState.FAILED
    assert database.models.get(OWNER, job.model_id).status is ModelStatus.ERROR


def test_a_worker_that_starts_again_takes_its_own_jobs_back_at_once(database: Database) -> None:
    mine = start(database)
    submit(database)
    others = database.jobs.claim("other", LEASE_S)
    assert others is not None

    lost = database.jobs.expire_leases("worker")

    assert [job.id for job in lost] == [mine.id]
    assert database.jobs.get(OWNER, others.id).state is JobState.RUNNING


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


def test_a_worker_that_shuts_down_hands_its_job_back_without_a_fault(database: Database) -> None:
    job = start(database)

    assert database.jobs.hand_back(job.id, 1) is JobState.QUEUED

    again = database.jobs.claim("worker", LEASE_S)
    assert again is not None
    assert (again.attempt, again.retries) == (2, {})


def test_a_worker_that_shuts_down_fulfils_a_wish(database: Database) -> None:
    job = start(database)
    database.jobs.request_cancel(OWNER, job.id)

    assert database.jobs.hand_back(job.id, 1) is JobState.CANCELLED


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


def test_numbers_that_json_does_not_have_are_refused(database: Database) -> None:
    job = start(database)

    with pytest.raises(InvalidInputError):
        database.jobs.heartbeat(job.id, 1, LEASE_S, {"loss": float("nan")})


def test_without_a_clock_the_time_is_the_databases(database_url: str) -> None:
    database = open_database(database_url)

    job = start(database)

    assert job.started_at is not None
    assert job.started_at.utcoffset() is not None
    assert database.jobs.expire_leases() == []
    database.close()
