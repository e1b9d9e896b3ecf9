"""What one watcher has seen, and what is new for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deepracer_local.api._services import Services
from deepracer_local.db import Job
from deepracer_local.domain import JobState
from deepracer_local.errors import NotFoundError
from deepracer_local.runs import RunDirectory

EVENTS_PER_POLL = 200
LINES_PER_POLL = 500
"""Four times a second: four times what a runner brings at most, so that a watcher catches up."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell a watcher: ``job``, ``log``, ``progress`` or ``telemetry`` with a body, or a picture."""

    name: str
    body: dict[str, Any]
    event_id: int | None = None
    picture: bytes | None = None


class Watch:
    """One watcher of a job, or of all jobs of an owner.

    Law: ``job`` messages come in the order of their ids, none twice and none left out. So do the lines of ``log``.

    Attributes:
        is_over: the watched job is over and everything of it has been told.
        last: the id of the last event that has been looked at.
    """

    def __init__(
        self, kit: Services, owner: str, job_id: str | None, after: int | None, *, log_after: int | None = None
    ) -> None:
        """Begins after the event ``after``; without one at a job's beginning, or for all jobs now.

        ``log_after`` asks for the job's lines behind that number too: most watchers do without so much.
        """
        self.is_over = False
        self._kit = kit
        self._owner = owner
        self._job_id = job_id
        self.last = after if after is not None else 0 if job_id is not None else kit.database.events.last_id()
        self._log_last = log_after
        self._running: list[Job] = []
        self._progress_seen: dict[str, dict[str, Any]] = {}
        self._live_seen: dict[str, int] = {}
        self._frame_seen = b""

    def poll_state(self) -> list[Message]:
        """Returns the new events and the progress that has changed."""
        # The jobs first: a job that is over now has no event that the look at the events could come too early for.
        jobs = self._jobs()
        events = self._kit.database.events.after(self.last, job_id=self._job_id, limit=EVENTS_PER_POLL)
        lines = self._new_lines()
        messages = [Message("log", {"job_id": self._job_id, "lines": lines})] if lines else []
        for event in events:
            self.last = event.id
            if event.owner == self._owner:
                messages.append(Message("job", event.model_dump(mode="json"), event.id))
        self._running = [job for job in jobs if job.state is JobState.RUNNING]
        are_final = self._job_id is not None and all(job.state.is_final for job in jobs)
        self.is_over = are_final and len(events) < EVENTS_PER_POLL and len(lines) < LINES_PER_POLL
        return messages + [m for job in self._running if (m := self._progress_of(job)) is not None]

    def poll_telemetry(self) -> list[Message]:
        """Returns where the cars of the running jobs are, and a picture where one was asked for."""
        messages = []
        for job in self._running:
            run = self._run_of(job.id)
            live = run.read_live()
            if live and live["number"] != self._live_seen.get(job.id):
                self._live_seen[job.id] = live["number"]
                messages.append(Message("telemetry", {"job_id": job.id, "model_id": job.model_id, **live}))
            picture = run.read_frame() if run.wanted_frame() is not None else None
            if self._job_id is not None and picture is not None and picture != self._frame_seen:
                self._frame_seen = picture
                messages.append(Message("frame", {}, picture=picture))
        return messages

    def want_frame(self, car: int) -> None:
        """Asks the trainer for pictures of a car for the next seconds."""
        if self._job_id is not None and self._running:
            self._run_of(self._job_id).want_frame(car)

    def _new_lines(self) -> list[dict[str, Any]]:
        if self._log_last is None or self._job_id is None:
            return []
        lines = self._kit.database.logs.lines(self._job_id, self._log_last, LINES_PER_POLL)
        self._log_last = lines[-1].number if lines else self._log_last
        return [line.model_dump(mode="json") for line in lines]

    def _jobs(self) -> list[Job]:
        """Returns the watched job, or all that run; one that has been deleted is none."""
        jobs = self._kit.database.jobs
        if self._job_id is None:
            return list(jobs.list(self._owner, states=[JobState.RUNNING], limit=100).items)
        try:
            return [jobs.get(self._owner, self._job_id)]
        except NotFoundError:
            return []

    def _progress_of(self, job: Job) -> Message | None:
        if not job.progress or self._progress_seen.get(job.id) == job.progress:
            return None
        self._progress_seen[job.id] = job.progress
        return Message("progress", {"job_id": job.id, "model_id": job.model_id, **job.progress})

    def _run_of(self, job_id: str) -> RunDirectory:
        # Job ids are made by the database; they hold nothing that could lead out of this folder.
        return RunDirectory(self._kit.data_dir / "jobs" / job_id)
