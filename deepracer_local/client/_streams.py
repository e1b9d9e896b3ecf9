"""Live events over a connection that may break: read on where it broke, nothing twice and nothing left out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import httpx

from deepracer_local.client._errors import ServiceError

PATIENCE_S = 60.0
RETRY_S = 0.5
_NO_CONTENT = 204
_FINAL_STATES = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})

Open = Callable[[dict[str, int], dict[str, str]], AbstractContextManager[httpx.Response]]
"""Opens the stream with a query and headers; it and the reading raise ``ServiceError``, 0 where the line broke."""


class _ServerEvent(NamedTuple):
    """One message of a stream of Server-Sent Events; ``data`` is empty where it only says its id."""

    event_id: int | None
    name: str
    data: str


class EventReader:
    """Yields the events of one stream and comes back when its connection breaks.

    Law: events come in order, none twice and none left out; so do the lines of ``log``. Of ``progress`` there is only
    ever the newest.
    """

    def __init__(
        self,
        open_stream: Open,
        *,
        ends_with_job: bool,
        after: int | None = None,
        log_after: int | None = None,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connects when it is first iterated.

        Args:
            open_stream: opens the stream.
            ends_with_job: it tells of one job, and is over when that is.
            after: the id of the last event already seen.
            log_after: asks for the job's lines behind this number.
            patience_s: how long a service that was there may be away.
            clock: seconds that only grow.
            pause: waits so many seconds.
        """
        self._open = open_stream
        self._ends_with_job = ends_with_job
        self._after = after
        self._log_after = log_after
        self._patience_s = patience_s
        self._clock = clock
        self._pause = pause
        self._progress: dict[str, dict[str, Any]] = {}
        self._has_seen_the_end = False
        self._lost_at: float | None = None

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields (name, body) until the job is over; without a job for ever.

        Raises:
            ServiceError: the service refuses, is not there at the beginning, or stays away for too long.
        """
        was_there = False
        while True:
            try:
                query = {} if self._log_after is None else {"log_after": self._log_after}
                headers = {} if self._after is None else {"Last-Event-ID": str(self._after)}
                with self._open(query, headers) as response:
                    was_there = True
                    if response.status_code == _NO_CONTENT:
                        return
                    yield from self._new(response)
                if self._has_seen_the_end:
                    return
                self._wait_for_the_service("the stream ended before the job")
            except ServiceError as err:
                if not was_there or err.is_users_fault:
                    raise
                if self._has_seen_the_end and self._log_after is None:
                    return
                self._wait_for_the_service(str(err))

    def _new(self, response: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields what has not been seen yet."""
        for event_id, name, data in parse_events(self._heard(response)):
            if event_id is not None:
                if self._after is not None and event_id <= self._after:
                    continue
                self._after = event_id
            if not data:
                continue
            body = json.loads(data)
            if name == "job":
                self._has_seen_the_end = self._ends_with_job and body.get("state") in _FINAL_STATES
            elif name == "progress":
                job_id = body.get("job_id", "")
                if self._progress.get(job_id) == body:
                    continue
                self._progress[job_id] = body
            elif name == "log":
                body["lines"] = [line for line in body["lines"] if line["number"] > (self._log_after or 0)]
                if not body["lines"]:
                    continue
                self._log_after = body["lines"][-1]["number"]
            self._lost_at = None
            yield name, body

    def _heard(self, response: httpx.Response) -> Iterator[str]:
        """Yields the lines; a sign of life shows that the service is there, as something new does."""
        for line in response.iter_lines():
            if line.startswith(":"):
                self._lost_at = None
            yield line

    def _wait_for_the_service(self, why: str) -> None:
        """Waits a moment before the next try.

        Raises:
            ServiceError: it has been away for too long.
        """
        now = self._clock()
        if self._lost_at is None:
            self._lost_at = now
        if now - self._lost_at >= self._patience_s:
            again = "" if self._after is None else f" Watch again with after={self._after} to miss nothing."
            raise ServiceError(
                0, "UNREACHABLE", f"Expected the service back within {self._patience_s:g} s, but: {why}{again}"
            )
        self._pause(min(RETRY_S, self._patience_s))


def parse_events(lines: Iterator[str]) -> Iterator[_ServerEvent]:
    """Yields the messages of a stream; one whose end has not come is none."""
    event_id, name, data = None, "message", ""
    for line in lines:
        if line.startswith("id: "):
            event_id = int(line[4:])
        elif line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
        elif not line:
            if event_id is not None or data:
                yield _ServerEvent(event_id, name, data)
            event_id, name, data = None, "message", ""
