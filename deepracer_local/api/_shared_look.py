"""What many watchers look at, read once for all of them.

A class of thirty that watches one training would otherwise read one file nine hundred times a second and ask the
database a hundred and twenty times. An answer is given to everybody who asks within an eighth of a second.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from deepracer_local.db import Database, Job
from deepracer_local.domain import JobState
from deepracer_local.errors import NotFoundError
from deepracer_local.runs import RunDirectory

LIVE_S = 1.0 / 30.0
"""Twice as often as a trainer writes, so that nothing written is missed."""
STATE_S = 0.125
_MOST_KEPT = 200
_FOLLOWED_S = 1.0
"""So long after somebody asked for a job's telemetry it is looked for ahead of the next who asks."""

_Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell a watcher: ``job``, ``models``, ``log``, ``progress`` or ``telemetry``, or a picture."""

    name: str
    body: dict[str, Any]
    event_id: int | None = None
    picture: bytes | None = None
    encoded: str | None = None
    """As it is sent, where that was written once for everybody."""

    def text(self) -> str:
        """Returns the message as JSON."""
        return self.encoded or json.dumps(
            {"event": self.name, "id": self.event_id, "data": self.body}, separators=(",", ":")
        )


@dataclass(frozen=True, slots=True)
class Look:
    """The jobs as they were, and the id of the newest event at a moment after.

    ``models`` changes with any of the owner's models; it is empty in a look at one job.
    """

    jobs: tuple[Job, ...]
    last_event_id: int
    models: str = ""


@dataclass(slots=True)
class _Live:
    """What a running job told last of its cars."""

    job: Job
    asked_at: float = float("-inf")
    read_at: float = float("-inf")
    number: int = 0
    message: Message | None = None


class SharedLook:
    """Belongs to one event loop. Law: a look at the state begins at most ``STATE_S`` before it is asked for."""

    def __init__(self, database: Database, data_dir: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes where the state is, and the folder of the run directories."""
        self._database = database
        self._data_dir = data_dir
        self._clock = clock
        self._looks: dict[_Key, tuple[float, asyncio.Task[Look]]] = {}
        self._live: dict[str, _Live] = {}
        self._news: asyncio.Task[None] | None = None

    async def state(self, owner: str, job_id: str | None) -> Look:
        """Returns a job, or all of an owner that run; one that has been deleted is left out.

        Raises:
            StorageError: the database cannot be reached.
        """
        key, now = (owner, job_id), self._clock()
        begun_at, look = self._looks.get(key, (float("-inf"), None))
        if look is None or now - begun_at > STATE_S:
            _forget_old(self._looks)
            look = asyncio.create_task(run_in_threadpool(self._read, owner, job_id))
            self._looks[key] = now, look
        # One who goes away while it is read leaves it to the others.
        return await asyncio.shield(look)

    def telemetry(self, job: Job) -> tuple[int, Message | None]:
        """Returns where the cars of a running job are, with the message's number; None where nothing drives here."""
        kept = self._live.get(job.id)
        if kept is None:
            _forget_old(self._live)
            kept = self._live[job.id] = _Live(job)
        kept.asked_at = self._clock()
        if kept.asked_at - kept.read_at >= LIVE_S:
            self._read_live(kept)
        return kept.number, kept.message

    async def news(self) -> None:
        """Waits until a job that is watched tells something new of its cars, at most ``STATE_S``.

        All who wait are woken as one: fifty watchers who each look thirty times a second for what comes fifteen times
        take as much of a processor as sending it does.
        """
        if self._news is None or self._news.done():
            self._news = asyncio.create_task(self._wait_for_news())
        await asyncio.shield(self._news)

    async def _wait_for_news(self) -> None:
        until = self._clock() + STATE_S
        while self._clock() < until:
            await asyncio.sleep(LIVE_S)
            now = self._clock()
            followed = [kept for kept in self._live.values() if now - kept.asked_at < _FOLLOWED_S]
            if any([self._read_live(kept) for kept in followed]):  # noqa: C419  # all are read
                return

    def _read_live(self, kept: _Live) -> bool:
        """Returns whether a job has told something that it had not."""
        kept.read_at, before = self._clock(), kept.number
        live = self.run_of(kept.job.id).read_live()
        if not live:
            kept.number, kept.message = 0, None
        elif live["number"] != before:
            kept.number = live["number"]
            told = Message("telemetry", {"job_id": kept.job.id, "model_id": kept.job.model_id, **live})
            kept.message = Message(told.name, told.body, encoded=told.text())
        return kept.number != before

    def run_of(self, job_id: str) -> RunDirectory:
        """Returns where a job's files are while it runs on this machine."""
        # Job ids are made by the database; they hold nothing that could lead out of this folder.
        return RunDirectory(self._data_dir / "jobs" / job_id)

    def _read(self, owner: str, job_id: str | None) -> Look:
        # The jobs first: a job that is over then has no event that the look at the events could come too early for.
        jobs = self._jobs(owner, job_id)
        models = self._database.models.version(owner) if job_id is None else ""
        return Look(jobs, self._database.events.last_id(), models)

    def _jobs(self, owner: str, job_id: str | None) -> tuple[Job, ...]:
        jobs = self._database.jobs
        if job_id is None:
            return tuple(jobs.list(owner, states=[JobState.RUNNING], limit=100).items)
        try:
            return (jobs.get(owner, job_id),)
        except NotFoundError:
            return ()


def _forget_old(kept: dict[Any, Any]) -> None:
    """Drops the oldest entry where there are too many."""
    if len(kept) >= _MOST_KEPT:
        del kept[next(iter(kept))]
