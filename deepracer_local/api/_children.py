"""Processes for reward functions, started ahead of time so that an answer does not wait for them."""

from __future__ import annotations

import contextlib
import threading

from deepracer_local.domain import SandboxOptions
from deepracer_local.errors import SandboxError
from deepracer_local.reward.sandbox import ChildProcess, warm_child


class ReadyChildren:
    """A few children that have imported their modules and wait for a text; each is used once.

    None is started before the first one has been asked for: a service that nobody writes rewards on has none. They end
    by themselves when this process does.
    """

    def __init__(self, options: SandboxOptions, *, count: int) -> None:
        """Takes how this machine runs reward functions, and how many to keep."""
        self._options = options
        self._count = count
        self._lock = threading.Lock()
        self._ready: list[ChildProcess] = []
        self._is_closed = False

    def take(self) -> ChildProcess | None:
        """Returns a child, which belongs to the caller from then on; None where none is ready."""
        with self._lock:
            while self._ready:
                child = self._ready.pop(0)
                if child.is_alive:
                    return child
                child.kill()
        return None

    def refill(self) -> None:
        """Starts children until there are as many as are to be kept; they get ready by themselves."""
        with self._lock, contextlib.suppress(SandboxError):  # whoever then needs one is told
            while len(self._ready) < self._count and not self._is_closed:
                self._ready.append(warm_child(self._options.prefix))

    def close(self) -> None:
        """Ends all that wait; none is started any more."""
        with self._lock:
            self._is_closed = True
            for child in self._ready:
                child.kill()
            self._ready.clear()
