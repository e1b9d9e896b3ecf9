"""Any history of the queue, on both databases: what the database says is what a model of thirty lines says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, text

from deepracer_local.db import Database, ModelStatus, NewModel
from deepracer_local.domain import RETRIES, Fault, JobKind, JobState, Wish, retry_delay_s
from deepracer_local.errors import ConflictError, IllegalTransitionError, StaleAttemptError
from tests.contract.conftest import FakeClock

LEASE_S = 15.0
OWNERS = ("ann", "bob", "eve")
WRITES = ("HEARTBEAT", "SUCCEED", "CANCEL", "PAUSE", "FAIL", "HAND_BACK", "METRICS")
END_STATES = {"SUCCEED": JobState.SUCCEEDED, "CANCEL": JobState.CANCELLED, "PAUSE": JobState.PAUSED}
WISHED_STATE = {Wish.CANCEL: JobState.CANCELLED, Wish.PAUSE: JobState.PAUSED}

which_job = st.sampled_from([0, 0, 0, 1, 2, 7])
"""A place in the list of jobs, of which those that run come first."""


@dataclass
class Expected:
    """One job as it should be."""

    number: int
    owner: str
    model_id: str
    state: JobState = JobState.QUEUED
    attempt: int = 0
    wish: Wish = Wish.NONE
    lease_until: datetime | None = None
    not_before: datetime | None = None
    retries: dict[Fault, int] = field(default_factory=dict)
    events: list[str] = field(default_factory=lambda: ["SUBMIT"])
    endings: dict[int, str] = field(default_factory=dict)
    """How each attempt ended."""

    def move(self, event: str, state: JobState) -> None:
        if self.state is JobState.RUNNING:
            self.endings[self.attempt] = event
        self.state = state
        self.events.append(event)
        if state is not JobState.RUNNING:
            self.wish, self.lease_until = Wish.NONE, None
        if state.is_final:
            self.not_before = None

    def fail(self, fault: Fault, event: str, now: datetime) -> None:
        wish, used = self.wish, self.retries.get(fault, 0)
        if used == RETRIES[fault]:
            self.move("FAIL", JobState.FAILED)
            return
        self.retries[fault] = used + 1
        self.not_before = now + timedelta(seconds=retry_delay_s(used + 1))
        self.move(event, JobState.QUEUED)
        if wish is not Wish.NONE:
            self.move(wish.value, WISHED_STATE[wish])


class QueueMachine(RuleBasedStateMachine):
    """Submits, works, wishes, crashes and waits in any order."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__()
        self.database = database
        self.clock = clock
        self.jobs: dict[str, Expected] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.iterations: dict[str, set[int]] = {}

    def pick(self, index: int) -> tuple[str, Expected]:
        ordered = sorted(self.jobs.items(), key=lambda item: item[1].state is not JobState.RUNNING)
        return ordered[index % len(ordered)]

    def pick_running(self, index: int) -> tuple[str, Expected]:
        running = [item for item in self.jobs.items() if item[1].state is JobState.RUNNING]
        return running[index % len(running)]

    def has_running(self) -> bool:
        return any(job.state is JobState.RUNNING for job in self.jobs.values())

    def has_queued(self) -> bool:
        return any(job.state is JobState.QUEUED for job in self.jobs.values())

    @initialize(owners=st.lists(st.sampled_from(OWNERS), min_size=2, max_size=6))
    def begin(self, owners: list[str]) -> None:
        for owner in owners:
            self.submit(owner, None, "")
        self.claim()

    def in_line(self) -> list[str]:
        """The queue in the order of claims, found by claiming in thought."""
        waiting = {i: job for i, job in self.jobs.items() if job.state is JobState.QUEUED}
        due = {i: job for i, job in waiting.items() if job.not_before is None or job.not_before <= self.clock.now}
        running = dict.fromkeys(OWNERS, 0)
        for job in self.jobs.values():
            running[job.owner] += job.state is JobState.RUNNING
        order = []
        while due:
            first = min(due, key=lambda i: (running[due[i].owner], due[i].number))
            running[due.pop(first).owner] += 1
            order.append(first)
        late = [i for i in waiting if i not in order]
        return order + sorted(late, key=lambda i: str(waiting[i].not_before))

    @rule(
        owner=st.sampled_from(OWNERS), key=st.sampled_from([None, None, "k1", "k2"]), body=st.sampled_from(["a", "b"])
    )
    def submit(self, owner: str, key: str | None, body: str) -> None:
        new = NewModel(name="m", spec={}, reward_key="r")
        known = self.keys.get((owner, key)) if key else None
        if known is not None and not known.endswith(body):
            with pytest.raises(ConflictError):
                self.database.jobs.add_with_model(owner, new, JobKind.TRAIN, {}, key, body)
            return
        _, job = self.database.jobs.add_with_model(owner, new, JobKind.TRAIN, {}, key, body)
        if known is not None:
            assert known == f"{job.id} {body}"
            return
        assert job.id not in self.jobs
        self.jobs[job.id] = Expected(len(self.jobs), owner, job.model_id)
        if key:
            self.keys[owner, key] = f"{job.id} {body}"

    @precondition(has_queued)
    @rule()
    def claim(self) -> None:
        claimed = self.database.jobs.claim("worker", LEASE_S)

        line = self.in_line()
        due = [i for i in line if (at := self.jobs[i].not_before) is None or at <= self.clock.now]
        assert (claimed.id if claimed else None) == (due[0] if due else None)
        if claimed:
            job = self.jobs[claimed.id]
            job.move("CLAIM", JobState.RUNNING)
            job.attempt += 1
            job.not_before = None
            job.lease_until = self.clock.now + timedelta(seconds=LEASE_S)
            assert claimed.attempt == job.attempt

    @precondition(has_running)
    @rule(index=which_job)
    def heartbeat(self, index: int) -> None:
        job_id, job = self.pick_running(index)

        assert self.database.jobs.heartbeat(job_id, job.attempt, LEASE_S, {"steps": 1}) is job.wish

        job.lease_until = self.clock.now + timedelta(seconds=LEASE_S)

    @precondition(has_running)
    @rule(index=which_job, end=st.sampled_from(["SUCCEED", "CANCEL", "PAUSE"]))
    def end(self, index: int, end: str) -> None:
        job_id, job = self.pick_running(index)

        self.writes(job_id, job.attempt)[end]()

        job.move(end, END_STATES[end])
        self.claim()

    @precondition(has_running)
    @rule(index=which_job, fault=st.sampled_from(Fault))
    def fail(self, index: int, fault: Fault) -> None:
        job_id, job = self.pick_running(index)

        state = self.database.jobs.fail(job_id, job.attempt, fault, "broken")

        job.fail(fault, "RETRY", self.clock.now)
        assert state is job.state
        self.wait(64)
        self.claim()

    @precondition(has_running)
    @rule(index=which_job)
    def hand_back(self, index: int) -> None:
        job_id, job = self.pick_running(index)

        state = self.database.jobs.hand_back(job_id, job.attempt)

        wish = job.wish
        if wish is Wish.NONE:
            job.move("PAUSE", JobState.PAUSED)
            job.move("RESUME", JobState.QUEUED)
        else:
            job.move(wish.value, WISHED_STATE[wish])
        assert state is job.state

    @precondition(has_running)
    @rule(index=which_job, iteration=st.integers(1, 5))
    def append_metrics(self, index: int, iteration: int) -> None:
        job_id, job = self.pick_running(index)

        self.database.progress.append_metrics(job_id, job.attempt, [{"iteration": iteration}])

        self.iterations.setdefault(job.model_id, set()).add(iteration)

    @rule(index=which_job, off=st.sampled_from([-1, 0, 1]), write=st.sampled_from(WRITES))
    def write_late(self, index: int, off: int, write: str) -> None:
        """A worker that has lost its job, or whose report was answered unheard, writes; so does a broken one."""
        job_id, job = self.pick(index)
        attempt = job.attempt + off
        if off == 0 and job.state is JobState.RUNNING:
            return
        endings = {"FAIL": {"FAIL", "RETRY"}}.get(write, {write})
        if job.endings.get(attempt) in endings:
            self.writes(job_id, attempt)[write]()
        else:
            with pytest.raises(StaleAttemptError):
                self.writes(job_id, attempt)[write]()

    def writes(self, job_id: str, attempt: int) -> dict[str, Callable[[], object]]:
        jobs, progress = self.database.jobs, self.database.progress
        return {
            "HEARTBEAT": lambda: jobs.heartbeat(job_id, attempt, LEASE_S, {"steps": -1}),
            "SUCCEED": lambda: jobs.succeed(job_id, attempt, {}),
            "CANCEL": lambda: jobs.cancelled(job_id, attempt),
            "PAUSE": lambda: jobs.paused(job_id, attempt),
            "FAIL": lambda: jobs.fail(job_id, attempt, Fault.HANG, "late"),
            "HAND_BACK": lambda: jobs.hand_back(job_id, attempt),
            "METRICS": lambda: progress.append_metrics(job_id, attempt, [{"iteration": -1}]),
        }

    @rule(index=which_job, wish=st.sampled_from([Wish.CANCEL, Wish.PAUSE]))
    def wish(self, index: int, wish: Wish) -> None:
        job_id, job = self.pick(index)
        jobs = self.database.jobs
        ask = jobs.request_cancel if wish is Wish.CANCEL else jobs.request_pause
        if job.state.is_final and job.state is not WISHED_STATE[wish]:
            with pytest.raises(IllegalTransitionError):
                ask(job.owner, job_id)
        elif job.state is JobState.RUNNING and job.wish is Wish.CANCEL and wish is Wish.PAUSE:
            with pytest.raises(ConflictError):
                ask(job.owner, job_id)
        else:
            ask(job.owner, job_id)
            if job.state is JobState.RUNNING and job.wish is not wish:
                job.wish = wish
                job.events.append(f"WISH_{wish.value}")
            elif job.state not in {JobState.RUNNING, WISHED_STATE[wish]}:
                job.move(wish.value, WISHED_STATE[wish])

    @rule(index=which_job)
    def resume(self, index: int) -> None:
        job_id, job = self.pick(index)
        if job.state is not JobState.PAUSED:
            with pytest.raises(IllegalTransitionError):
                self.database.jobs.resume(job.owner, job_id)
            return
        self.database.jobs.resume(job.owner, job_id)
        job.not_before = None
        job.move("RESUME", JobState.QUEUED)

    @rule(seconds=st.sampled_from([0.5, 2.0, 8.0, 64.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def expire(self) -> None:
        lost = {job.id for job in self.database.jobs.expire_leases()}

        lapsed = {i: job for i, job in self.jobs.items() if job.lease_until and job.lease_until < self.clock.now}
        for job in lapsed.values():
            job.fail(Fault.INFRASTRUCTURE, "LOSE_LEASE", self.clock.now)
        assert lost == set(lapsed)

    @precondition(has_running)
    @rule()
    def crash(self) -> None:
        """Every worker dies; nobody hears of them until their leases are over, and a new one goes on."""
        self.clock.advance(64)
        self.expire()
        self.clock.advance(64)
        self.claim()

    @invariant()
    def every_job_is_as_it_should_be(self) -> None:
        found = {job.id: job for owner in OWNERS for job in self.database.jobs.list(owner, limit=1000).items}
        assert set(found) == set(self.jobs)
        for job_id, expected in self.jobs.items():
            job = found[job_id]
            assert (job.state, job.attempt, job.wish) == (expected.state, expected.attempt, expected.wish)
            assert (job.retries, job.lease_until) == (expected.retries, expected.lease_until)
            assert job.not_before == expected.not_before
            assert all(count <= RETRIES[fault] for fault, count in job.retries.items())
            assert (job.finished_at is not None) == job.state.is_final

    @invariant()
    def every_transition_has_its_event(self) -> None:
        events = self.database.events.after(0, limit=10_000)
        assert [event.id for event in events] == sorted(event.id for event in events)
        for job_id, job in self.jobs.items():
            mine = [event for event in events if event.job_id == job_id]
            assert [event.event.value for event in mine] == job.events
            assert mine[-1].state is job.state
            attempts = [event.attempt for event in mine]
            assert attempts == sorted(attempts)
            assert [event.attempt for event in mine if event.event == "CLAIM"] == list(range(1, job.attempt + 1))

    @invariant()
    def the_queue_is_in_the_order_of_claims(self) -> None:
        queue = self.database.jobs.queue()
        assert [entry.job.id for entry in queue] == self.in_line()
        assert [entry.position for entry in queue] == list(range(1, len(queue) + 1))
        assert [job.id for job in self.database.jobs.outlook().waiting] == self.in_line()

    @invariant()
    def models_say_what_their_jobs_do(self) -> None:
        for owner in OWNERS:
            status = {model.id: model.status for model in self.database.models.list(owner).items}
            for job in self.jobs.values():
                if job.owner == owner:
                    assert status[job.model_id] is _status(job)

    def teardown(self) -> None:
        for model_id, iterations in self.iterations.items():
            rows = self.database.progress.metrics(model_id)
            assert [row["iteration"] for row in rows] == sorted(iterations)


def _status(job: Expected) -> ModelStatus:
    if job.state is JobState.RUNNING:
        return ModelStatus.TRAINING if job.wish is Wish.NONE else ModelStatus.STOPPING
    return {
        JobState.QUEUED: ModelStatus.QUEUED,
        JobState.PAUSED: ModelStatus.PAUSED,
        JobState.FAILED: ModelStatus.ERROR,
    }.get(job.state, ModelStatus.READY)


def test_any_history_keeps_the_laws(database: Database, database_url: str, clock: FakeClock) -> None:
    engine = create_engine(database_url)
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def new_machine() -> QueueMachine:
        clock.now = start
        with engine.begin() as connection:
            connection.execute(text("PRAGMA foreign_keys = ON" if engine.name == "sqlite" else "SELECT 1"))
            connection.execute(text("DELETE FROM models"))
        return QueueMachine(database, clock)

    run_state_machine_as_test(
        new_machine,  # type: ignore[arg-type]  # a function that makes one is documented to be fine
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    engine.dispose()
