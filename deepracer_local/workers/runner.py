"""The runner: claims jobs, runs each in a process of its own, and keeps its leases."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from deepracer_local.artifacts import ArtifactStore
from deepracer_local.db import SLOTS_SETTING, Database
from deepracer_local.domain import DEFAULT_SANDBOX, Fault, JobKind, SandboxOptions
from deepracer_local.errors import DeepRacerError, StaleAttemptError, StorageError
from deepracer_local.runs import RunDirectory
from deepracer_local.workers._active_job import ActiveJob, Ending
from deepracer_local.workers.slots import has_room

log = logging.getLogger(__name__)

LEASE_S = 15.0
TICK_S = 0.1
EXPIRE_S = 3.0
STORE_PAUSE_S = 15.0
"""So long nothing is claimed after a job's files could not be had because the artifact store is away."""


class Runner:
    """Works on the queue until it is told to stop. One per machine.

    Law: a job runs here only while its lease is ours; whoever takes it over finds no process of ours at work on it.
    """

    def __init__(  # noqa: PLR0913  # what the operator decides
        self,
        database: Database,
        store: ArtifactStore,
        *,
        runs_dir: Path,
        worker_id: str,
        slots: int,
        min_free_bytes: int = 1_000_000_000,
        sandbox: SandboxOptions = DEFAULT_SANDBOX,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes what it works with.

        Args:
            database: where the queue is.
            store: where files are taken from and carried to.
            runs_dir: where the run directories are made.
            worker_id: what the leases are called.
            slots: how many run side by side unless a setting says so.
            min_free_bytes: with less room on the disk of ``runs_dir`` nothing is claimed.
            sandbox: how reward functions are run.
            lease_s: so long a job is this runner's after each sign of life.
            clock: seconds that only grow.
        """
        self._sandbox = sandbox
        self._database = database
        self._store = store
        self._runs_dir = runs_dir
        self._worker_id = worker_id
        self._slots = slots
        self._min_free_bytes = min_free_bytes
        self._lease_s = lease_s
        self._clock = clock
        self._active: list[ActiveJob] = []
        self._expired_at = float("-inf")
        self._claims_again_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Works until ``stop``; then every process is stopped with a checkpoint and its job goes back to the queue."""
        log.info("runner.started", extra={"worker_id": self._worker_id, "slots": self._slots})
        self._runs_dir.mkdir(parents=True, exist_ok=True)
        self._take_up_what_was_left()
        while not stop.wait(TICK_S):
            self._step()
        for active in self._active:
            active.abandon()
        for active in self._active:
            self._give_back(active)
        log.info("runner.stopped", extra={"worker_id": self._worker_id})

    def _step(self) -> None:
        now = self._clock()
        self._active = [active for active in self._active if self._tick(active)]
        try:
            if now - self._expired_at >= EXPIRE_S:
                self._expired_at = now
                self._database.jobs.expire_leases()
            if now >= self._claims_again_at and self._has_free_slot():
                self._claim()
        except StorageError as err:
            log.warning("runner.waiting", extra={"error": str(err)})

    def _has_free_slot(self) -> bool:
        return len(self._active) < (self._database.settings.get(SLOTS_SETTING) or self._slots)

    def _take_up_what_was_left(self) -> None:
        """Puts jobs of this machine's last runner back at once: it is dead, or this one would not have its lock."""
        try:
            for job in self._database.jobs.expire_leases(self._worker_id):
                log.info("job.taken_up", extra={"job_id": job.id})
        except StorageError as err:
            log.warning("runner.waiting", extra={"error": str(err)})

    def _tick(self, active: ActiveJob) -> bool:
        try:
            ending = active.tick()
        except StaleAttemptError as err:
            log.warning("job.lost", extra={"job_id": active.job.id, "error": str(err)})
            return False
        if ending is Ending.GIVEN_BACK:
            self._claims_again_at = self._clock() + STORE_PAUSE_S
        return ending is Ending.RUNNING

    def _claim(self) -> None:
        if not has_room(self._runs_dir, self._min_free_bytes):
            log.warning("runner.disk_full", extra={"folder": str(self._runs_dir)})
            return
        job = self._database.jobs.claim(self._worker_id, self._lease_s, list(JobKind))
        if job is None:
            return
        log.info("job.claimed", extra={"job_id": job.id, "attempt": job.attempt, "kind": job.kind.value})
        run = RunDirectory(self._runs_dir / job.id)
        try:
            self._active.append(
                ActiveJob(
                    job,
                    database=self._database,
                    store=self._store,
                    run=run,
                    lease_s=self._lease_s,
                    sandbox=self._sandbox,
                )
            )
        except (DeepRacerError, OSError, ValueError) as err:
            log.error("job.unstartable", exc_info=err, extra={"job_id": job.id})
            self._database.jobs.fail(job.id, job.attempt, Fault.INFRASTRUCTURE, f"it could not be started: {err}", None)

    def _give_back(self, active: ActiveJob) -> None:
        try:
            self._database.jobs.hand_back(active.job.id, active.job.attempt)
        except (StaleAttemptError, StorageError) as err:
            log.warning("job.unreleased", extra={"job_id": active.job.id, "error": str(err)})
