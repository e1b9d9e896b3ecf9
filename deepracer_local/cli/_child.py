"""A part of the service in a process of its own. Loads nothing large."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

from deepracer_local.cli._output import messages
from deepracer_local.errors import WorldError

STOP_TIMEOUT_S = 20.0


class Child:
    """A process that is started again when it dies; stopped at the end of a ``with`` block."""

    def __init__(self, arguments: list[str], environment: dict[str, str] | None = None) -> None:
        """Starts ``deepracer-local`` with these arguments, in this environment or in ours."""
        self._environment = environment
        self._command = [sys.executable, "-m", "deepracer_local", *arguments]
        self._line = b""
        self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.wait()

    def tell(self, what: dict[str, Any]) -> None:
        """Writes one line of JSON to its standard input, and to that of everyone that takes its place."""
        self._line = json.dumps(what).encode() + b"\n"
        self._write()

    def revive(self) -> None:
        """Starts the process again if it has died."""
        if self._process.poll() is not None:
            messages().print(
                f"{self._command[3]} ended with {self._process.returncode}; starting it again", markup=False
            )
            self._process = self._start()
            self._write()

    def require_alive(self) -> None:
        """Raises WorldError if the process has died."""
        if self._process.poll() is not None:
            raise WorldError(f"Expected {self._command[3]} to start, but it ended with {self._process.returncode}.")

    def stop(self) -> None:
        """Asks the process to stop."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self) -> None:
        """Waits for its end, and makes it after a while."""
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # A group of its own: Ctrl-C reaches the supervisor alone, which stops both in order.
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True, env=self._environment)

    def _write(self) -> None:
        if self._line and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has died, which whoever looks after it sees
                self._process.stdin.write(self._line)
                self._process.stdin.flush()
