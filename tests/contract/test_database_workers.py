"""Jobs as workers see them, on both databases: claims, leases, fences, budgets, fairness."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from deepracer_local.db import Database, ModelStatus, open_database
from deepracer_local.domain import RETRIES, Fault, JobKind, JobState, Wish
from deepracer_local.errors import (
    IllegalTransitionError,
    InvalidInputError,
    StaleAttemptError,
)
from tests.contract.conftest import FakeClock
from tests.contract.database_steps import LEASE_S, OWNER, event_names, start, submit


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
    submitted = submit(database)
    states = []

    for _ in range(RETRIES[fault] + 1):
        clock.advance(61)
        job = database.jobs.claim("worker", LEASE_S)
        assert job is not None
        states.append(database.jobs.fail(job.id, job.attempt, fault, "broken", {"line": 3}))

    assert states == [JobState.QUEUED] * RETRIES[fault] + [JobState.FAILED]
    failed = database.jobs.get(OWNER, submitted.id)
    assert (failed.fault, failed.message, failed.detail) == (fault, "broken", {"line": 3})
    assert failed.attempt == RETRIES[fault] + 1


def test_budgets_are_counted_apart(database: Database, clock: FakeClock) -> None:
    submitted = submit(database)

    for fault in (Fault.OUT_OF_MEMORY, Fault.HANG, Fault.INFRASTRUCTURE):
        clock.advance(61)
        job = database.jobs.claim("worker", LEASE_S)
        assert job is not None
        assert database.jobs.fail(job.id, job.attempt, fault, "broken") is JobState.QUEUED

    assert database.jobs.get(OWNER, submitted.id).retries == {
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
