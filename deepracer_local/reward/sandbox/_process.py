"""The service's end of the pipes: starting the child, asking it with a deadline, ending it."""

from __future__ import annotations

import array
import contextlib
import marshal
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from deepracer_local.errors import SandboxError
from deepracer_local.reward.sandbox._wire import FRAME, LENGTH, MAX_SENTENCE_BYTES, MAX_TEXT_BYTES, Report

_CHILD = Path(__file__).with_name("_child.py")
_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    # A wall holds for one thread.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""All that the child gets, and until its wall stands."""
_MAX_FRAME_BYTES = max(MAX_TEXT_BYTES, MAX_SENTENCE_BYTES + 64)
_MAX_WAITING_BYTES = 4 << 20
"""Reports that may come with one round trip; whoever sends more prints without end."""
_AWAKE_S = 1e-4
_TELLING_S = 0.1
"""So long a child that is out of time may take to say at which line."""


class Frame(NamedTuple):
    """One report."""

    kind: int
    row: int
    body: bytes


class OutOfTimeError(Exception):
    """No answer came in time."""


class ViolationError(Exception):
    """What came is not what the protocol allows."""


class FloodError(Exception):
    """More reports came than one round trip can have."""


class ChildDiedError(Exception):
    """The child has ended."""


class ChildProcess:
    """A child, from its start to its end. Nothing that it sends is believed to be well formed."""

    def __init__(self, prefix: Sequence[str] = ()) -> None:
        """Starts the process, which imports its modules and waits for the text.

        Args:
            prefix: a command of the operator that runs the command after it behind a further wall.

        Raises:
            SandboxError: it cannot be started.
        """
        requests, replies, reports, lifeline = os.pipe(), os.pipe(), os.pipe(), os.pipe()
        # Isolated but for PYTHONHASHSEED, which -I would not read: the order of a set must not differ between two runs.
        command = [*prefix, sys.executable, "-P", "-s", "-S", str(_CHILD), str(lifeline[0]), *_package_folders()]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=requests[0],
                stdout=replies[1],
                stderr=reports[1],
                pass_fds=(lifeline[0],),
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except OSError as err:
            for pipe in (requests[1], replies[0], reports[0], lifeline[1]):
                os.close(pipe)
            raise SandboxError(
                f"Expected to start a process for the reward function with {command[0]}, got: {err}. "
                "Check the prefix of the sandbox and the limits of this user."
            ) from err
        finally:
            for pipe in (requests[0], replies[1], reports[1], lifeline[0]):
                os.close(pipe)
        self._requests, self._replies, self._reports, self._lifeline = requests[1], replies[0], reports[0], lifeline[1]
        for pipe in (self._requests, self._replies, self._reports):
            os.set_blocking(pipe, False)
        self._poller = select.poll()
        # Replies first: whatever was reported before a reply was written is then seen in the same look.
        self._poller.register(self._replies, select.POLLIN)
        self._poller.register(self._reports, select.POLLIN)
        self._report_bytes = bytearray()
        self._n_waiting = 0
        self._is_warm = False
        self.frames: deque[Frame] = deque()
        """Reports that have come and were not looked at yet."""

    @property
    def pid(self) -> int:
        """Of the child, or of the prefix before it."""
        return self._process.pid

    @property
    def is_open(self) -> bool:
        """Whether it may still be asked."""
        return self._requests >= 0

    @property
    def is_alive(self) -> bool:
        """Whether it may still be asked and has not ended by itself."""
        return self.is_open and self._process.poll() is None

    def wait_until_warm(self, patience_s: float = 30.0) -> None:
        """Waits until it has imported its modules.

        Raises:
            OutOfTimeError: it takes longer.
            ChildDiedError: it has ended.
        """
        while not self._is_warm:
            frame = self.next_frame(patience_s)
            if frame.kind != Report.WARM:
                raise ViolationError("it reported something before it was asked")
            self._is_warm = True

    def send(self, values: Any, deadline_s: float) -> None:
        """Sends plain values.

        Raises:
            OutOfTimeError: it does not read.
            ChildDiedError: it has ended.
        """
        payload = marshal.dumps(values)
        rest = memoryview(LENGTH.pack(len(payload)) + payload)
        while True:
            try:
                rest = rest[os.write(self._requests, rest) :]
            except BlockingIOError:
                self._wait_for_room(deadline_s)
            except BrokenPipeError:
                self._drain()
                raise ChildDiedError from None
            if not rest:
                return

    def ask(self, values: Any, patience_s: float) -> None:
        """Sends a question; ``answers`` takes what comes of it.

        Raises:
            OutOfTimeError: it does not read.
            ViolationError: something came that was not asked for.
            FloodError: too many reports.
            ChildDiedError: it has ended.
        """
        if self._poller.poll(0):
            self._read_reports()
            raise ViolationError("it sent something without being asked")
        self._n_waiting = 0
        self.send(values, time.monotonic() + patience_s)

    def answers(self, count: int, patience_s: float, in_all_s: float) -> array.array[float]:
        """Returns so many doubles; the reports that came meanwhile are in ``frames``.

        Args:
            count: at least one.
            patience_s: the longest time without a further answer.
            in_all_s: the longest time for all of them.

        Raises:
            OutOfTimeError: no answer for so long, or not all of them in time.
            ViolationError: too many bytes, or a report that is none.
            FloodError: too many reports.
            ChildDiedError: it has ended.
        """
        size = 8 * count
        answers = b""
        end = time.monotonic() + in_all_s
        deadline = min(end, time.monotonic() + patience_s)
        self._stay_awake()
        while len(answers) < size:
            if self._wait(deadline):
                try:
                    part = os.read(self._replies, size + 1 - len(answers))
                except BlockingIOError:
                    continue
                if not part:
                    self._drain()
                    raise ChildDiedError
                answers += part
                deadline = min(end, time.monotonic() + patience_s)
        if len(answers) > size:
            raise ViolationError(f"it answered with more than the {size} bytes that were expected")
        return array.array("d", answers)

    def next_frame(self, patience_s: float) -> Frame:
        """Returns the next report.

        Raises:
            OutOfTimeError: none came in time.
            ViolationError: it is none, or a reply came.
            FloodError: too many.
            ChildDiedError: it has ended.
        """
        self._n_waiting = 0
        deadline = time.monotonic() + patience_s
        while not self.frames:
            if self._wait(deadline):
                self._drain()
                if os.read(self._replies, 1):
                    raise ViolationError("it answered without being asked")
                if not self.frames:
                    raise ChildDiedError
        return self.frames.popleft()

    def ask_where(self) -> None:
        """Has a child that is out of time report its line, which is then in ``frames`` if it could."""
        with contextlib.suppress(OSError, ViolationError, FloodError, OutOfTimeError, ChildDiedError):
            self._process.send_signal(signal.SIGALRM)
            deadline = time.monotonic() + _TELLING_S
            while not self._wait(deadline):
                pass

    def kill(self) -> int:
        """Ends the process and what it may have started; returns its exit code, negative for a signal.

        A child that has ended by itself keeps the exit code that it had.
        """
        if self.is_open:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05 if self._has_hung_up() else 0.0)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for pipe in (self._requests, self._replies, self._reports, self._lifeline):
                os.close(pipe)
            self._requests = -1
        return self._process.wait()

    def _has_hung_up(self) -> bool:
        return any(event & select.POLLHUP for _, event in self._poller.poll(0))

    def _stay_awake(self) -> None:
        """Looks for a reply for a moment without sleeping: to be woken takes longer than most rewards do."""
        until = time.perf_counter() + _AWAKE_S
        while not self._poller.poll(0) and time.perf_counter() < until:
            pass

    def _wait(self, deadline: float) -> bool:
        """Waits for a reply and takes the reports that come meanwhile; returns whether there is a reply."""
        left_s = deadline - time.monotonic()
        events = self._poller.poll(max(0.0, 1000.0 * left_s))
        if not events:
            raise OutOfTimeError
        is_reply = False
        for descriptor, _ in events:
            if descriptor == self._replies:
                is_reply = True
            else:
                self._read_reports()
        return is_reply

    def _wait_for_room(self, deadline: float) -> None:
        writable = select.poll()
        writable.register(self._requests, select.POLLOUT)
        if not writable.poll(max(0.0, 1000.0 * (deadline - time.monotonic()))):
            raise OutOfTimeError

    def _drain(self) -> None:
        """Takes the reports that a child has left behind."""
        with contextlib.suppress(ChildDiedError):
            while self._read_reports():
                pass

    def _read_reports(self) -> bool:
        """Takes what there is of reports; returns False where nothing is there now."""
        try:
            part = os.read(self._reports, 1 << 18)
        except BlockingIOError:
            return False
        if not part:
            raise ChildDiedError
        buffer = self._report_bytes
        buffer += part
        self._n_waiting += len(part)
        if self._n_waiting > _MAX_WAITING_BYTES:
            raise FloodError
        start = 0
        while len(buffer) >= start + FRAME.size:
            kind, row, size = FRAME.unpack_from(buffer, start)
            if not Report.WARM <= kind <= Report.PRINT or size > _MAX_FRAME_BYTES:
                raise ViolationError("it wrote into the channel of its reports")
            end = start + FRAME.size + size
            if len(buffer) < end:
                break
            self.frames.append(Frame(kind, row, bytes(buffer[start + FRAME.size : end])))
            start = end
        del buffer[:start]
        return True


def _package_folders() -> list[str]:
    """Returns where installed packages lie: the child looks there and in the standard library."""
    return [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
