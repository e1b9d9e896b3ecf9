"""What is known of the wall around reward functions on this machine."""

from __future__ import annotations

import threading

from deepracer_local.domain import SandboxOptions
from deepracer_local.reward.sandbox import SandboxReport, try_wall


class KnownWall:
    """The report of ``try_wall``, made when it is first asked for and then kept."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self._lock = threading.Lock()
        self._report: SandboxReport | None = None

    def report(self) -> SandboxReport:
        """Returns what the wall keeps in; the first call takes up to a second."""
        with self._lock:
            if self._report is None:
                self._report = try_wall(self.options)
            return self._report
