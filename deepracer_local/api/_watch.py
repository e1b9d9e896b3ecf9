"""What one watcher has seen, and what is new for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool

from deepracer_local.api._services import Services
from deepracer_local.api._shared_look import Message
from deepracer_local.db import Event, Job
from deepracer_local.domain import JobState
from deepracer_local.runs import WANT_FRAME_S

EVENTS_PER_POLL = 200
LINES_PER_POLL = 500
"""Four times a second: four times what a runner brings at most, so that a watcher catches up."""
MOST_CARS = 256
"""As many as a job drives at most; see ``TrainSpec.n_envs``."""


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
        self._looked_until = -1
        self._log_last = log_after
        self._running: list[Job] = []
        self._progress_seen: dict[str, dict[str, Any]] = {}
        self._live_seen: dict[str, int] = {}
        self._wanted: tuple[str, int] | None = None
        self._wanted_until_s = 0.0
        self._frame_seen = b""
        self._models_seen = ""

    async def poll_state(self) -> list[Message]:
        """Returns the new events and the progress that has changed."""
        look = await self._kit.shared_look.state(self._owner, self._job_id)
        events: Sequence[Event] = ()
        if look.last_event_id > self._looked_until:
            events = await run_in_threadpool(self._events_after, self.last)
            if len(events) < EVENTS_PER_POLL:
                self._looked_until = look.last_event_id
        lines = [] if self._log_last is None else await run_in_threadpool(self._new_lines)
        messages = [Message("log", {"job_id": self._job_id, "lines": lines})] if lines else []
        for event in events:
            self.last = event.id
            if event.owner == self._owner:
                messages.append(Message("job", event.model_dump(mode="json"), event.id))
        self._running = [job for job in look.jobs if job.state is JobState.RUNNING]
        are_final = self._job_id is not None and all(job.state.is_final for job in look.jobs)
        self.is_over = are_final and len(events) < EVENTS_PER_POLL and len(lines) < LINES_PER_POLL
        return messages + [m for job in self._running if (m := self._progress_of(job)) is not None]

    async def poll_models(self) -> list[Message]:
        """Returns the version of the owner's models where it is new; of a watcher of one job nothing."""
        models = (await self._kit.shared_look.state(self._owner, self._job_id)).models
        if models == self._models_seen:
            return []
        self._models_seen = models
        return [Message("models", {"version": models})]

    def poll_telemetry(self) -> list[Message]:
        """Returns where the cars of the running jobs are, and a picture where one was asked for."""
        messages = []
        for job in self._running:
            number, message = self._kit.shared_look.telemetry(job)
            if message is not None and number != self._live_seen.get(job.id):
                self._live_seen[job.id] = number
                messages.append(message)
        return messages + self._new_frames()

    def want_frame(self, car: int, job_id: str | None = None) -> None:
        """Asks for pictures of a car for the next seconds: of the watched job, or of one of those that run."""
        wanted_id = self._job_id or job_id
        if 0 <= car < MOST_CARS and any(job.id == wanted_id for job in self._running):
            wanted = (str(wanted_id), car)
            if wanted != self._wanted:
                self._frame_seen = b""
            self._wanted, self._wanted_until_s = wanted, time.monotonic() + WANT_FRAME_S
            self._kit.shared_look.run_of(wanted[0]).want_frame(car)

    @property
    def wants_frames(self) -> bool:
        """Whether pictures were asked for within the last seconds."""
        return self._wanted is not None and time.monotonic() <= self._wanted_until_s

    def _new_frames(self) -> list[Message]:
        if self._wanted is None or not self.wants_frames:
            return []
        job_id, car = self._wanted
        picture = self._kit.shared_look.run_of(job_id).read_frame(car)
        if picture is None or picture == self._frame_seen:
            return []
        self._frame_seen = picture
        return [Message("frame", {}, picture=picture)]

    def _new_lines(self) -> list[dict[str, Any]]:
        if self._log_last is None or self._job_id is None:
            return []
        lines = self._kit.database.logs.lines(self._job_id, self._log_last, LINES_PER_POLL)
        self._log_last = lines[-1].number if lines else self._log_last
        return [line.model_dump(mode="json") for line in lines]

    def _events_after(self, last: int) -> Sequence[Event]:
        return self._kit.database.events.after(last, job_id=self._job_id, limit=EVENTS_PER_POLL)

    def _progress_of(self, job: Job) -> Message | None:
        if not job.progress or self._progress_seen.get(job.id) == job.progress:
            return None
        self._progress_seen[job.id] = job.progress
        return Message("progress", {"job_id": job.id, "model_id": job.model_id, **job.progress})
