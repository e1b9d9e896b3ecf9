"""Work that takes a core for a while: a little of it at a time, the rest in a queue that does not grow for ever."""

from __future__ import annotations

from collections.abc import Callable
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
        self._most = at_once + waiting
        self._present = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Returns what ``work`` returns, once it was its turn; it runs in a thread.

        Raises:
            ApiError: too many wait.
        """
        if self._present >= self._most:
            raise ApiError(429, "Too many reward functions wait to be tried. Try again in a minute.")
        self._present += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._present -= 1
