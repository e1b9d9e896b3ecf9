"""The runner while its artifact store fails, keeps silent or is full: no lease, no attempt and no job is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pytest

from deepracer_local.artifacts import MemoryStore, StoredArtifact
from deepracer_local.db import SLOTS_SETTING, Artifact, Job, NewJob
from deepracer_local.domain import JobKind, JobState, StopRules
from deepracer_local.errors import DiskFullError, StorageError
from deepracer_local.workers import runner
from tests.integration.jobs import PATIENCE_S, Workshop

LEASE_S = 2.0
LONG = StopRules(max_steps=1_000_000)


class FaultyStore(MemoryStore):
    """Fails as it is told to.

    Attributes:
        is_full: whether putting fails.
        is_away: whether everything but putting fails.
        silent_prefix: opening a key that begins so waits for ``speak``; empty for none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_full = self.is_away = False
        self.silent_prefix = ""
        self.speak = threading.Event()
        self.is_silent = threading.Event()
        self.n_refused = 0

    def put(self, key: str, source: bytes | Path, *, content_type: str = "") -> StoredArtifact:
        if self.is_full:
            self.n_refused += 1
            raise DiskFullError("Expected room, there is none. Make some.")
        return super().put(key, source)

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        if self.silent_prefix and key.startswith(self.silent_prefix):
            self.is_silent.set()
            self.speak.wait(PATIENCE_S)
        self._answer()
        return super().open(key, first_byte=first_byte, last_byte=last_byte)

    def check(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.is_away:
            self.n_refused += 1
            raise StorageError("Expected an answer, got none. Look whether it is up.")


@pytest.fixture
def store() -> FaultyStore:
    return FaultyStore()


@pytest.fixture
def workshop(tmp_path: Path, store: FaultyStore) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    made.store = store
    yield made
    made.database.close()


def is_over(job: Job) -> bool:
    return job.state.is_final


def has_learnt(job: Job) -> bool:
    return job.progress.get("iterations", 0) >= 1


def test_what_cannot_be_stored_costs_no_lease(workshop: Workshop, store: FaultyStore) -> None:
    job = workshop.submit(stop=StopRules(max_steps=2048))
    store.is_full = True

    with workshop.runner(lease_s=LEASE_S):
        # It is tried twice a second: longer than a lease, also after the training has ended.
        workshop.wait(job.id, lambda _job: store.n_refused >= 4 * LEASE_S)
        before = workshop.job(job.id)
        store.is_full = False
        done = workshop.wait(job.id, is_over)

    assert before.state is JobState.RUNNING
    assert (done.state, done.attempt, dict(done.retries)) == (JobState.SUCCEEDED, 1, {})
    assert workshop.database.models.get("local", job.model_id).last_checkpoint is not None


def test_a_silent_store_keeps_one_job_waiting_and_no_other(workshop: Workshop, store: FaultyStore) -> None:
    first, second = workshop.submit(stop=LONG), workshop.submit()
    store.silent_prefix = second.spec["files"][0]["key"]

    with workshop.runner(lease_s=LEASE_S):
        assert store.is_silent.wait(PATIENCE_S)
        workshop.wait(first.id, has_learnt)
        workshop.database.jobs.request_cancel("local", first.id)
        stopped = workshop.wait(first.id, is_over)
        waiting = workshop.job(second.id)
        store.speak.set()
        done = workshop.wait(second.id, is_over)

    assert (stopped.state, stopped.attempt) == (JobState.CANCELLED, 1)
    assert waiting.state is JobState.RUNNING
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 1)


def test_a_job_whose_files_do_not_come_can_be_cancelled(workshop: Workshop, store: FaultyStore) -> None:
    job = workshop.submit()
    store.silent_prefix = job.spec["files"][0]["key"]

    with workshop.runner(lease_s=LEASE_S):
        assert store.is_silent.wait(PATIENCE_S)
        workshop.database.jobs.request_cancel("local", job.id)
        stopped = workshop.wait(job.id, is_over)
        store.speak.set()

    assert stopped.state is JobState.CANCELLED


def test_a_store_that_is_away_is_not_the_jobs_fault(
    workshop: Workshop, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STORE_PAUSE_S", 0.1)
    job = workshop.submit()
    store.is_away = True

    with workshop.runner():
        # More often than a fault of the machine may happen.
        workshop.wait(job.id, lambda found: found.attempt >= 7)
        store.is_away = False
        done = workshop.wait(job.id, is_over)

    assert (done.state, dict(done.retries)) == (JobState.SUCCEEDED, {})


def test_what_an_evaluation_waits_for_is_not_pruned(workshop: Workshop) -> None:
    workshop.database.settings.set(SLOTS_SETTING, 1)
    job = workshop.submit(stop=StopRules(max_steps=12_288))
    artifacts = workshop.database.artifacts

    def stored(name: str) -> list[Artifact]:
        return [artifact for artifact in artifacts.list(job.model_id, "checkpoint") if artifact.name.endswith(name)]

    with workshop.runner():
        workshop.wait(job.id, lambda _job: len(stored("/policy.safetensors")) > 0)
        weights = stored("/policy.safetensors")[0]
        folder = weights.name.rpartition("/")[0]
        files = [{"path": weights.name, "key": weights.key}]
        new = NewJob(kind=JobKind.EVALUATE, model_id=job.model_id, spec={"files": files})
        workshop.database.jobs.request_pause("local", workshop.database.jobs.add("local", new).id)
        beside = {artifact.key for artifact in stored("") if artifact.name.startswith(folder)} - {weights.key}
        done = workshop.wait(job.id, is_over)
        left = {artifact.key for artifact in stored("")}
        workshop.wait(job.id, lambda _job: not beside & {artifact.key for artifact in workshop.store.list()})

    assert done.state is JobState.SUCCEEDED, done.message
    assert beside
    assert weights.key not in left
    assert workshop.store.stat(weights.key).sha256 == weights.sha256
