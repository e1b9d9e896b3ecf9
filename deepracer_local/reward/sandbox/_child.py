"""The child: ``python -P -s -S _child.py LIFELINE FOLDER...``, which runs one user's reward function and nothing else.

LIFELINE is the descriptor of a pipe that the service never writes to, the folders are where installed packages lie. It
imports what a reward function may use, is told the text, puts the wall up around itself, says so, and only then
compiles the text and answers states until its requests end. See ``_wire`` for the pipes.

It loads the files of the ``reward`` room that it needs, and not the package: that would load pydantic and others.
"""

from __future__ import annotations

import array
import contextlib
import io
import logging
import marshal
import os
import signal
import sys
import time
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from deepracer_local.errors import RewardError
    from deepracer_local.reward._in_process import InProcessReward
    from deepracer_local.reward.sandbox import _wire
else:
    _PACKAGE = Path(__file__).resolve().parents[2]
    for _name in ("deepracer_local", "deepracer_local.reward", "deepracer_local.reward.sandbox"):
        _module = types.ModuleType(_name)
        _module.__path__ = [str(_PACKAGE.joinpath(*_name.split(".")[1:]))]
        sys.modules[_name] = _module
    from deepracer_local.reward.sandbox import _wire

_NAN = float("nan")
_MAX_NOTICES = 20


class _Printed(io.TextIOBase):
    """Stands in for stdout and stderr: what is written waits for the end of the call, or goes out in pieces."""

    def __init__(self, child: _Child) -> None:
        self._child = child
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Takes ``text``."""
        self._parts.append(text)
        self._size += len(text)
        if self._size > _wire.MAX_TEXT_BYTES // 4:
            self.send()
        return len(text)

    def send(self) -> None:
        """Reports what has been written since."""
        if not self._size:
            return
        content = "".join(self._parts).encode("utf-8", "backslashreplace")
        self._parts, self._size = [], 0
        for start in range(0, len(content), _wire.MAX_TEXT_BYTES):
            self._child.report(_wire.Report.PRINT, content[start : start + _wire.MAX_TEXT_BYTES])


class _Child:
    """The function of every car, and the pipes."""

    def __init__(self) -> None:
        self._row = _wire.NO_ROW
        self._cars: list[InProcessReward] = []
        self._constants: dict[int, tuple[tuple[str, ...], int, list[Any]]] = {}
        self._printed = _Printed(self)
        self._filename = ""
        self._notices: set[str] = set()

    def set_up(self) -> None:
        """Hears about the text, puts the wall up, and makes the function of every car."""
        from deepracer_local.reward.sandbox import _modules, _wall  # noqa: PLC0415  # after the bootstrap

        _modules.load_always()
        logging.getLogger("deepracer_local").addHandler(logging.NullHandler())
        logging.getLogger("deepracer_local").propagate = False
        self.report(_wire.Report.WARM, b"")
        text, filename, n_cars, (max_speed_mps, max_angle_deg), seed, (memory, large_memory) = self._receive()
        is_large = _modules.load_named(text)
        _modules.seed_generators(seed)
        # After its last import, as these read files: everything behind the wall that is not loaded is out of reach.
        from deepracer_local.errors import RewardError  # noqa: PLC0415
        from deepracer_local.reward._in_process import InProcessReward  # noqa: PLC0415
        from deepracer_local.reward._source import parse_reward  # noqa: PLC0415

        self._filename = filename
        standing, missing = _wall.put_up(large_memory if is_large else memory)
        self.report(_wire.Report.WALL, _wire.WALL.pack(standing) + "\n".join(missing).encode())
        self._receive()  # the service agrees to go on
        sys.stdout = sys.stderr = self._printed
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, self._tell_where)
        fault = "syntax"
        try:
            source = parse_reward(text, filename)
            fault = "import"
            for car in range(n_cars):
                reward = InProcessReward(source, max_speed_mps=max_speed_mps, max_steering_angle_deg=max_angle_deg)
                self._cars.append(reward)
                self._after_call(reward)
                self.report(_wire.Report.READY, b"", row=car)
        except BaseException as err:  # noqa: BLE001  # KeyboardInterrupt too, which the user's code may raise as well
            self._fail(err if isinstance(err, RewardError) else self._blamed(err, None), fault)
            os._exit(0)

    def serve(self) -> None:
        """Answers requests until they end."""
        while True:
            rows = self._receive()
            answers = array.array("d")
            flushed_at = time.perf_counter()
            for self._row, (car, values, constants) in enumerate(rows):
                if constants is not None:
                    keys, waypoints = constants
                    self._constants[car] = (keys, keys.index("waypoints") if waypoints is not None else -1, waypoints)
                keys, position, waypoints = self._constants[car]
                if position >= 0:
                    values[position] = waypoints
                answers.append(self._answer(self._cars[car], keys, values))
                if time.perf_counter() - flushed_at > _wire.FLUSH_S:
                    os.write(_wire.REPLY_FD, answers)
                    del answers[:]
                    flushed_at = time.perf_counter()
            self._row = _wire.NO_ROW
            if answers:
                os.write(_wire.REPLY_FD, answers)

    def report(self, kind: int, body: bytes, *, row: int | None = None) -> None:
        """Writes one frame."""
        frame = _wire.FRAME.pack(kind, self._row if row is None else row, len(body)) + body
        while frame:
            frame = frame[os.write(_wire.REPORT_FD, frame) :]

    def _answer(self, reward: InProcessReward, keys: tuple[str, ...], values: list[Any]) -> float:
        from deepracer_local.errors import RewardError  # noqa: PLC0415  # see set_up

        def params() -> dict[str, Any]:
            # The user gets lists of their own; strict would cost more than the rest.
            pairs = zip(keys, values)  # noqa: B905
            return {key: value.copy() if type(value) is list else value for key, value in pairs}

        try:
            value = reward.call_on(params)
        except RewardError as err:
            value = _NAN
            self._fail(err, "memory" if isinstance(err.__cause__, MemoryError) else "exception")
        except BaseException as err:  # noqa: BLE001  # KeyboardInterrupt, which the user's code may raise as well
            value = _NAN
            self._fail(self._blamed(err, params()), "exception")
        self._after_call(reward)
        return value

    def _after_call(self, reward: InProcessReward) -> None:
        self._printed.send()
        if reward.notices:
            for notice in reward.notices:
                if notice not in self._notices and len(self._notices) < _MAX_NOTICES:
                    self._notices.add(notice)
                    self.report(_wire.Report.NOTICE, notice.encode("utf-8", "replace")[: _wire.MAX_SENTENCE_BYTES])
            reward.notices.clear()

    def _fail(self, err: RewardError, fault: str) -> None:
        self._printed.send()
        header = _wire.FAILURE.pack(_wire.FAULTS.index(fault), min(max(err.line or 0, 0), 2**31))
        sentence = str(err).encode("utf-8", "replace")[: _wire.MAX_SENTENCE_BYTES]
        self.report(_wire.Report.FAILURE, header + sentence)

    def _blamed(self, err: BaseException, params: dict[str, Any] | None) -> RewardError:
        from deepracer_local.reward._blame import failure  # noqa: PLC0415  # see set_up

        return failure(err, self._filename, params)

    def _tell_where(self, _number: int, frame: types.FrameType | None) -> NoReturn:
        """Reports the line at which a call goes on for too long: the service sends SIGALRM before it kills."""
        line = 0
        while frame is not None and not line:
            line = frame.f_lineno if frame.f_code.co_filename == self._filename else 0
            frame = frame.f_back
        self.report(_wire.Report.FAILURE, _wire.FAILURE.pack(_wire.FAULTS.index("timeout"), line))
        os._exit(1)

    def _receive(self) -> Any:
        """Returns the next request; ends the process where there is none."""
        data = os.read(_wire.REQUEST_FD, 65_536)
        while len(data) < _wire.LENGTH.size or len(data) < _wire.LENGTH.size + _wire.LENGTH.unpack_from(data)[0]:
            more = os.read(_wire.REQUEST_FD, 1 << 20)
            if not more:
                os._exit(0)
            data += more
        return marshal.loads(data[_wire.LENGTH.size :])


def _move_streams() -> None:
    """Puts the pipes, which came as standard streams, where user code does not print by accident."""
    with contextlib.suppress(OSError):  # a prefix command may not have passed it on; the wall will say so
        os.dup2(int(sys.argv[1]), _wire.LIFELINE_FD)
    for source, target in ((0, _wire.REQUEST_FD), (1, _wire.REPLY_FD), (2, _wire.REPORT_FD)):
        os.dup2(source, target)
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    os.closerange(_wire.LIFELINE_FD + 1, 256)


def main() -> None:
    """Runs until the requests end."""
    _move_streams()
    sys.path += sys.argv[2:]
    sys.argv = [""]
    child = _Child()
    child.set_up()
    child.serve()


if __name__ == "__main__":
    main()
