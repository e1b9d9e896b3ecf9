"""Work that takes a core for a while: a little of it at a time, the rest in a queue that does not grow for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from deepracer_local.api._errors import ApiError

T = TypeVar("T")


class Turns:
    """Lets a few callers work at the same time; the others wait without holding a thread."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        """Takes how many may work, and how many may wait."""
        self._limiter = CapacityLimiter(at_once)
        self._threads = CapacityLimiter(at_once)
        self._most = at_once + waiting
        self._present = 0

    async def run(self, work: Callable[[], T], *, is_wanted: Callable[[], Awaitable[bool]] | None = None) -> T:
        """Returns what ``work`` returns, once it was its turn; it runs in a thread.

        Args:
            work: what to do.
            is_wanted: asked when its turn has come; whoever has gone away does not make the others wait.

        Raises:
            ApiError: too many wait, or nobody wants it any more.
        """
        if self._present >= self._most:
            raise ApiError(429, "Too many reward functions wait to be tried. Try again in a minute.")
        self._present += 1
        try:
            async with self._limiter:
                if is_wanted is not None and not await is_wanted():
                    raise ApiError(409, "Whoever asked for this has gone away before its turn came.")
                return await anyio.to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._present -= 1
