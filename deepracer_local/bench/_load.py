"""Many clients of one API at the same time, each on a connection of its own, from one thread.

A client asks, waits for the whole answer, and asks again: at its next turn, or at once. A turn that comes while the
answer before is awaited counts from when it came, so that a service that stalls is not spared the questions that it
kept from being asked. The clients begin one after the other during the first interval, and the first second does not
count.

Written against the socket: a library's client would take more of the two cores than the service that it measures.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

_READS_PER_WRITE = 9
_WARM_UP_S = 1.0


@dataclass(slots=True)
class LoadResult:
    """What came of a load."""

    seconds: float
    reads_ms: list[float] = field(default_factory=list)
    writes_ms: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def latencies_ms(self) -> list[float]:
        """Of all requests, the shortest first."""
        return sorted(self.reads_ms + self.writes_ms)

    @property
    def requests_per_second(self) -> float:
        """Reads and writes together."""
        return (len(self.reads_ms) + len(self.writes_ms)) / self.seconds


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked."""

    port: int
    token: str
    reads: Sequence[str]
    """Paths, asked one after the other."""
    writes: Sequence[str]
    """Paths of models whose description is changed."""


def put_under_load(target: Target, *, n_clients: int, seconds: float, interval_s: float = 0.0) -> LoadResult:
    """Sends requests of which nine in ten read, for so long, and waits for the last answers.

    Args:
        target: what is asked.
        n_clients: connections.
        seconds: how long, after a second that does not count.
        interval_s: between two turns of one client; 0 asks again at once.
    """
    result = LoadResult(seconds)
    asyncio.run(_drive(target, n_clients, interval_s, result))
    return result


async def _drive(target: Target, n_clients: int, interval_s: float, result: LoadResult) -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time() + 0.1
    clients = []
    for number in range(n_clients):
        turns = _Turns(begin + interval_s * number / n_clients, interval_s, begin + _WARM_UP_S, result.seconds)
        client = _Client(target, 17 * number, turns, result)
        clients.append(client)
        await loop.create_connection(lambda client=client: client, "127.0.0.1", target.port)  # type: ignore[misc]
    await asyncio.wait_for(asyncio.gather(*(client.is_done for client in clients)), result.seconds + 60.0)


@dataclass(slots=True)
class _Turns:
    """When a client asks, on the loop's clock."""

    next_at: float
    interval_s: float
    counts_from: float
    seconds: float

    def is_over(self, now: float) -> bool:
        return now >= self.counts_from + self.seconds

    def pass_on(self, now: float) -> None:
        self.next_at = self.next_at + self.interval_s if self.interval_s else now


class _Client(asyncio.Protocol):
    """One connection with one question at a time."""

    def __init__(self, target: Target, number: int, turns: _Turns, result: LoadResult) -> None:
        self._loop = asyncio.get_running_loop()
        self._target = target
        self._number = number
        self._turns = turns
        self._result = result
        self._received = b""
        self.is_done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Waits for its first turn."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop.call_at(self._turns.next_at, self._ask)

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts a connection that was cut."""
        if not self.is_done.done():
            self._result.errors += 1
            self.is_done.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Asks the next question when the answer is whole."""
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        now, turns = self._loop.time(), self._turns
        if turns.next_at >= turns.counts_from:
            elapsed_ms = (now - turns.next_at) * 1e3
            (self._result.writes_ms if self._is_write else self._result.reads_ms).append(elapsed_ms)
            self._result.errors += not head.startswith(b"HTTP/1.1 2")
        self._received = b""
        turns.pass_on(now)
        if turns.is_over(max(now, turns.next_at)):
            self.is_done.set_result(None)
            self._transport.close()
        else:
            self._loop.call_at(turns.next_at, self._ask)

    @property
    def _is_write(self) -> bool:
        return self._number % (_READS_PER_WRITE + 1) == 0

    def _ask(self) -> None:
        self._number += 1
        target, turn = self._target, self._number // (_READS_PER_WRITE + 1)
        if self._is_write:
            body = json.dumps({"description": str(self._number)})
            request = _request("PATCH", target.writes[turn % len(target.writes)], target.token, body)
        else:
            request = _request("GET", target.reads[self._number % len(target.reads)], target.token)
        self._transport.write(request)


def _request(method: str, path: str, token: str, body: str = "") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
