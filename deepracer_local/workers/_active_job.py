"""One claimed job on this machine: its process, its run directory, and what is reported of it."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

from deepracer_local.artifacts import ArtifactStore
from deepracer_local.db import Database, Job
from deepracer_local.domain import Fault, JobKind, JobSpec, SandboxOptions, TrainResult, Wish
from deepracer_local.errors import RunDirectoryError, StaleAttemptError, StorageError
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.workers._carrier import Carrier
from deepracer_local.workers._preparation import Preparation
from deepracer_local.workers._process import GRACE_S, TrainerProcess

log = logging.getLogger(__name__)

HEARTBEAT_S = 0.5
CARRY_S = 0.5
HANG_S = 30.0
"""A process whose ``progress.json`` has not changed for so long hangs; loading and the first step are given as much.
Time in which it could have run but had no processor does not count: on a busy machine it is slow, and does not hang."""
NICE = 10
"""Trainers stand back behind the API, which then answers while both cores train."""


class Ending(Enum):
    """What became of a job in one tick."""

    RUNNING = "running"
    OVER = "over"
    GIVEN_BACK = "given back"
    """The artifact store cannot be used; the job waits in the queue again, which costs it nothing."""


class ActiveJob:
    """Follows one attempt from its claim to its end; ``tick`` is called often and never blocks for long.

    Law: as long as the database can be reached the lease is renewed, whatever else fails.
    """

    def __init__(
        self,
        job: Job,
        *,
        database: Database,
        store: ArtifactStore,
        run: RunDirectory,
        lease_s: float,
        sandbox: SandboxOptions,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins to lay out the run directory and starts the process, which gets it when it is complete."""
        self.job = job
        self._database = database
        self._run = run
        self._lease_s = lease_s
        self._clock = clock
        spec = JobSpec.model_validate(job.spec)
        is_training = job.kind is JobKind.TRAIN
        can_resume = is_training and Checkpoints(run.checkpoints_path).index().last is not None
        run.result_path.unlink(missing_ok=True)
        self._carrier = Carrier(database, store, run, job_id=job.id, attempt=job.attempt, is_training=is_training)
        if can_resume:
            sizes, iterations = Checkpoints(run.checkpoints_path).resume_point()
            # Before the process starts: it would do the same, but under the carrier's eyes.
            run.roll_back(sizes, iterations)
            database.progress.roll_back(job.id, job.attempt, iterations)
        self._process = TrainerProcess(
            resume=can_resume,
            evaluate=job.kind is JobKind.EVALUATE,
            export=job.kind is JobKind.EXPORT,
            environment=_environment(run),
            nice=NICE,
            sandbox=sandbox,
        )
        self._preparation = Preparation(run, spec, store)
        self._is_started = False
        self._wish = Wish.NONE
        self._asked_at = float("inf")
        self._heartbeat_at = self._carried_at = self._ending_at = float("-inf")
        self._alive_at = clock()
        self._waited_before_s = 0.0
        self._progress: dict[str, Any] = {}
        self._killed_for: Fault | None = None

    def tick(self) -> Ending:
        """Reports progress, hears wishes, and ends what has ended.

        Raises:
            StaleAttemptError: the job is somebody else's now; the process has been killed.
        """
        now = self._clock()
        try:
            has_ended = self._is_started and self._process.has_ended()
            if now - self._heartbeat_at >= HEARTBEAT_S:
                self._heartbeat_at = now
                wish = self._database.jobs.heartbeat(self.job.id, self.job.attempt, self._lease_s, self._progress)
                if not has_ended:  # else it is as it ended
                    self._hear(wish)
            if not self._is_started:
                return self._begin(now)
            if has_ended:
                return self._end(now)
            self._watch(now)
            if now - self._carried_at >= CARRY_S:
                self._carried_at = now
                self._carrier.carry()
        except StaleAttemptError:
            self._process.kill()
            self._process.close()
            raise
        except StorageError as err:
            log.warning("job.unreported", extra={"job_id": self.job.id, "error": str(err)})
        return Ending.RUNNING

    def abandon(self) -> None:
        """Stops the process with a checkpoint; the lease runs out and the job is taken up again."""
        if not self._is_started:
            self._process.kill()
            self._process.close()
            return
        self._process.stop()
        self._process.wait_or_kill()
        self._process.close()
        try:
            self._carrier.finish()
        except (StaleAttemptError, StorageError) as err:
            log.warning("job.unreported", extra={"job_id": self.job.id, "error": str(err)})

    def _begin(self, now: float) -> Ending:
        """Hands the run directory over once it is laid out; ends the job where it cannot be, or was stopped before."""
        is_prepared, error = self._preparation.is_over(), self._preparation.error
        if not is_prepared and self._wish is Wish.NONE:
            return Ending.RUNNING
        if error is None and self._wish is Wish.NONE:
            self._process.start(self._run)
            self._is_started = True
            self._note_life(now)
            return Ending.RUNNING
        self._process.kill()
        self._process.close()
        jobs, job_id, attempt = self._database.jobs, self.job.id, self.job.attempt
        if self._wish is not Wish.NONE or self._preparation.is_store_away:
            log.warning("job.given_back", extra={"job_id": job_id, "wish": self._wish.value, "error": str(error)})
            jobs.hand_back(job_id, attempt)  # which fulfils the wish
            return Ending.GIVEN_BACK if self._wish is Wish.NONE else Ending.OVER
        log.error("job.unstartable", exc_info=error, extra={"job_id": job_id})
        jobs.fail(job_id, attempt, Fault.INFRASTRUCTURE, f"it could not be started: {error}", None)
        return Ending.OVER

    def _watch(self, now: float) -> None:
        """Reads the progress and kills a process that hangs or ignores a wish."""
        progress = self._run.read_progress()
        if progress != self._progress:
            if not self._progress:
                self._heartbeat_at = float("-inf")  # the first sign of life is told at once
            self._progress = progress
            self._note_life(now)
        if now - self._asked_at > GRACE_S:
            self._process.kill()
        elif now - self._alive_at - (self._process.waited_s() - self._waited_before_s) > HANG_S:
            self._killed_for = Fault.HANG
            self._process.kill()

    def _note_life(self, now: float) -> None:
        self._alive_at = now
        self._waited_before_s = self._process.waited_s()

    def _hear(self, wish: Wish) -> None:
        if wish is not Wish.NONE and self._wish is Wish.NONE:
            log.info("job.stopping", extra={"job_id": self.job.id, "wish": wish.value})
            self._wish = wish
            self._asked_at = self._clock()
            self._process.stop()

    def _end(self, now: float) -> Ending:
        """Ends the job whose process has ended; what cannot be carried away or reported now is tried again later."""
        if now - self._ending_at < CARRY_S:
            return Ending.RUNNING
        self._ending_at = now
        self._finish()
        self._process.close()
        return Ending.OVER

    def _finish(self) -> None:
        """Carries the last files away and reports how it ended."""
        self._carrier.finish()
        jobs, job_id, attempt = self._database.jobs, self.job.id, self.job.attempt
        result = self._result()
        if self._wish is Wish.CANCEL:
            jobs.cancelled(job_id, attempt)
        elif self._wish is Wish.PAUSE:
            jobs.paused(job_id, attempt)
        elif result is None:
            fault, message = self._death()
            jobs.fail(job_id, attempt, fault, message, None)
        elif result.state == "FAILED":
            fault = Fault.USER_ERROR if result.is_user_error else Fault.INFRASTRUCTURE
            detail = {"line": result.reward_line, "params": result.reward_params}
            jobs.fail(job_id, attempt, fault, result.reason, detail)
        elif result.state == "CANCELLED":
            jobs.fail(job_id, attempt, Fault.INFRASTRUCTURE, "the process was stopped from outside", None)
        else:
            if self.job.kind is JobKind.TRAIN:
                self._database.models.set_result(job_id, attempt, best_lap_time_s=result.best_lap_time_s)
                self._carrier.prune(self.job.model_id)
            jobs.succeed(job_id, attempt, self._outcome(result))
        log.info("job.ended", extra={"job_id": job_id, "attempt": attempt})

    def _result(self) -> TrainResult | None:
        if self._killed_for is not None:
            return None
        try:
            return self._run.read_result()
        except (RunDirectoryError, ValueError):
            return None

    def _outcome(self, result: TrainResult) -> dict[str, Any]:
        outcome: dict[str, Any] = result.model_dump(mode="json")
        if self.job.kind is JobKind.EVALUATE:
            outcome |= self._run.read_laps()
        if self.job.kind is JobKind.EXPORT:
            outcome["exports"] = [report.model_dump(mode="json") for report in self._run.read_export_reports()]
        return outcome

    def _death(self) -> tuple[Fault, str]:
        """Returns why a process ended without a result."""
        if self._killed_for is Fault.HANG:
            return Fault.HANG, f"no sign of life for {HANG_S:.0f} seconds; the process was killed"
        exit_code = self._process.exit_code
        if exit_code == -signal.SIGKILL:
            return Fault.OUT_OF_MEMORY, "the process was killed from outside, most likely for memory"
        return Fault.INFRASTRUCTURE, f"the process ended with exit code {exit_code} and without a result"


def _environment(run: RunDirectory) -> dict[str, str]:
    """Returns all that the process gets of the environment: no credential, no setting of ours."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(run.path), "MPLCONFIGDIR": str(run.path / ".cache"), "LANG": "C.UTF-8"}
