"""A reward function in a process of its own behind the wall."""

from __future__ import annotations

import logging
import math
import struct
import time
from collections.abc import Sequence
from typing import NoReturn

from deepracer_local.domain import DEFAULT_SANDBOX, RewardParams, SandboxOptions, SandboxPolicy
from deepracer_local.errors import RewardError, RewardFault, SandboxError
from deepracer_local.reward._source import MAX_SOURCE_CHARS
from deepracer_local.reward._values import MAX_REWARD
from deepracer_local.reward.sandbox._limits import DEFAULT_LIMITS, SandboxLimits
from deepracer_local.reward.sandbox._process import (
    ChildDiedError,
    ChildProcess,
    FloodError,
    Frame,
    OutOfTimeError,
    ViolationError,
)
from deepracer_local.reward.sandbox._sentences import fatal_error, how_it_died
from deepracer_local.reward.sandbox._state import Printed, Wall, wall_of
from deepracer_local.reward.sandbox._text import plain_text
from deepracer_local.reward.sandbox._wire import (
    FAILURE,
    FAULTS,
    MAX_ROWS,
    MAX_SENTENCE_BYTES,
    NO_ROW,
    Report,
)

log = logging.getLogger(__name__)

_PLAIN = {bool, int, float, str, list, tuple, type(None)}
_LOADING_S = 30.0
"""For the modules that a text names and for the wall: no user code runs yet, and a cold disk is slow."""
_MAX_NOTICES = 20


class SandboxedReward:
    """The function of so many cars in one child; made by ``open_sandbox``.

    Each car has the module to itself, as each environment had in one process: globals are not shared between cars.
    After an error with ``fault.is_fatal`` the child is gone, and every further call raises that error again.
    """

    def __init__(self, child: ChildProcess, filename: str, text: str, limits: SandboxLimits, n_cars: int) -> None:
        self._child = child
        self._filename = filename
        self._text = text
        self._limits = limits
        self._keys: list[tuple[str, ...] | None] = [None] * n_cars
        self._waypoints: list[object] = [None] * n_cars
        self._episodes = [0] * n_cars
        self._episode_bytes = [0] * n_cars
        self._total_bytes = 0
        self._end: RewardError | None = None
        self._asked: tuple[Sequence[RewardParams], Sequence[int]] = ((), ())
        self._asked_at = 0.0
        self.wall = Wall((), ())
        self.notices: list[str] = []
        """Sentences for the user that are no errors."""
        self.printed: list[Printed] = []
        """What has been printed and was not taken by ``take_printed`` yet."""
        self.call_s = 0.0
        """Wall-clock seconds of the last round trip, all its states together."""

    @property
    def n_cars(self) -> int:
        """Cars that have the function to themselves."""
        return len(self._keys)

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._child.pid

    def begin(self, car: int) -> None:
        """Tells that a new episode of ``car`` starts, and with it a new budget for what it prints."""
        self._episodes[car] += 1
        self._episode_bytes[car] = 0

    def call_batch(
        self, states: Sequence[RewardParams], cars: Sequence[int] | None = None
    ) -> list[float | RewardError]:
        """Returns the reward of each state, or the error of that call, in one round trip.

        Args:
            states: plain Python values; at most 1,024. The car's states come one after the other in their order. Their
                waypoints must not be changed afterwards: they are kept, to see when others come.
            cars: which car each belongs to; by default all to car 0.

        Raises:
            RewardError: a fatal one: out of time, memory or output, dead, or not answering by the protocol.
        """
        self.ask(states, cars)
        return self.answers()

    def ask(self, states: Sequence[RewardParams], cars: Sequence[int] | None = None) -> None:
        """Does the first half of ``call_batch``: the child computes while the caller does something else."""
        if self._end is not None:
            raise self._end
        cars = cars if cars is not None else [0] * len(states)
        message = self._encode(states, cars)
        self._asked = states, cars
        self._asked_at = time.perf_counter()
        try:
            if states:
                self._child.ask(message, self._limits.call_s)
        except (OutOfTimeError, ViolationError, FloodError, ChildDiedError) as err:
            self._give_up(err, states, cars)

    def answers(self) -> list[float | RewardError]:
        """Does the second half of ``call_batch``."""
        if self._end is not None:
            raise self._end
        states, cars = self._asked
        if not states:
            return []
        limits = self._limits
        try:
            answers = self._child.answers(len(states), limits.call_s, limits.round_trip_s)
        except KeyboardInterrupt:
            self.close()  # an answer is under way: nothing that comes later could be told apart from it
            raise
        except (OutOfTimeError, ViolationError, FloodError, ChildDiedError) as err:
            self._give_up(err, states, cars)
        self.call_s = time.perf_counter() - self._asked_at
        failures = self._read_frames(states, cars) if self._child.frames else {}
        return self._judge(answers, failures)

    def take_printed(self) -> list[Printed]:
        """Returns what has been printed since the last time."""
        printed, self.printed = self.printed, []
        return printed

    def close(self) -> None:
        """Ends the child; may be called twice."""
        self._child.kill()
        if self._end is None:
            self._end = RewardError("Expected an open reward function, got one that was closed. Open it again.")

    def _start(self, policy: SandboxPolicy, seed: int, largest: tuple[float, float]) -> None:
        """Hands the text over, agrees on the wall, and waits until every car's function can be called."""
        limits = self._limits
        memory = limits.memory_bytes, limits.large_memory_bytes
        setup = (self._text, self._filename, self.n_cars, largest, seed, memory)
        try:
            self._child.wait_until_warm(_LOADING_S)
            self._child.send(setup, time.monotonic() + _LOADING_S)
            self.wall = wall_of(self._child.next_frame(_LOADING_S))
        except (OutOfTimeError, ViolationError, FloodError, ChildDiedError) as err:
            raise SandboxError(
                f"Expected the process for the reward function to start, got {str(err) or type(err).__name__}. "
                "Look at the memory of this machine and the prefix of the sandbox."
            ) from err
        if policy is SandboxPolicy.REQUIRED and not self.wall.is_up:
            raise SandboxError(
                f"Expected a wall around the reward function, but this system cannot put it up: "
                f"{'; '.join(self.wall.missing)}. Run on Linux 5.13 or later, or allow one's own code without it."
            )
        try:
            self._child.send("go on", time.monotonic() + limits.import_s)
            self._wait_until_ready()
        except (OutOfTimeError, ViolationError, FloodError, ChildDiedError) as err:
            self._give_up(err, (), ())

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + self._limits.round_trip_s
        for car in range(self.n_cars):
            while True:
                frame = self._child.next_frame(min(self._limits.import_s, end - time.monotonic()))
                if frame.kind == Report.READY:
                    if frame.row != car:
                        raise ViolationError("it reported another car than was asked for")
                    break
                if frame.kind == Report.FAILURE:
                    raise self._failure(frame, None)
                self._note(frame, (), ())

    def _encode(self, states: Sequence[RewardParams], cars: Sequence[int]) -> object:
        """Returns the request: keys and waypoints only where the car's last ones were others."""
        if len(states) > MAX_ROWS:
            raise ValueError(f"Expected at most {MAX_ROWS} states, got {len(states)}.")
        for state in states:
            if not _PLAIN.issuperset(map(type, state.values())):
                raise TypeError(f"Expected plain Python values, got {_odd(state)}.")
        rows = []
        for state, car in zip(states, cars, strict=True):
            keys = tuple(state)
            values = list(state.values())
            waypoints = state.get("waypoints")
            constants = None
            if keys != self._keys[car] or waypoints != self._waypoints[car]:
                constants = keys, waypoints
                self._keys[car], self._waypoints[car] = constants
            if waypoints is not None:
                values[keys.index("waypoints")] = None
            rows.append((car, values, constants))
        return rows

    def _judge(self, answers: Sequence[float], failures: dict[int, RewardError]) -> list[float | RewardError]:
        rewards: list[float | RewardError] = []
        for row, answer in enumerate(answers):
            if -MAX_REWARD <= answer <= MAX_REWARD:
                rewards.append(answer)
            elif math.isnan(answer) and row in failures:
                rewards.append(failures.pop(row))
            else:
                self._end_by(RewardFault.PROTOCOL, f"it answered {answer} for a state and no reason", None)
        if failures:
            self._end_by(RewardFault.PROTOCOL, "it reported a failure and gave a reward", None)
        return rewards

    def _read_frames(self, states: Sequence[RewardParams], cars: Sequence[int]) -> dict[int, RewardError]:
        failures: dict[int, RewardError] = {}
        while self._child.frames:
            frame = self._child.frames.popleft()
            if frame.kind != Report.FAILURE:
                self._note(frame, states, cars)
                continue
            if frame.row >= len(states) or frame.row in failures:
                self._end_by(RewardFault.PROTOCOL, "it reported a failure of a state that it was not asked about", None)
            error = self._failure(frame, states[frame.row])
            if error.fault.is_fatal:
                self._close_with(error)
            failures[frame.row] = error
        return failures

    def _note(self, frame: Frame, states: Sequence[RewardParams], cars: Sequence[int]) -> None:
        """Takes a print or a notice."""
        if frame.kind == Report.NOTICE:
            sentence = plain_text(frame.body[:MAX_SENTENCE_BYTES])
            if len(self.notices) < _MAX_NOTICES and sentence not in self.notices:
                self.notices.append(sentence)
                log.warning("reward.notice", extra={"reward_file": self._filename, "notice": sentence})
        elif frame.kind == Report.PRINT:
            self._take_print(frame, states, cars)
        else:
            self._end_by(RewardFault.PROTOCOL, "it reported something out of turn", None)

    def _take_print(self, frame: Frame, states: Sequence[RewardParams], cars: Sequence[int]) -> None:
        is_call = frame.row < len(states)
        if not is_call and frame.row != NO_ROW:
            self._end_by(RewardFault.PROTOCOL, "it printed in a call that it was not asked for", None)
        size = max(len(frame.body), 16)
        self._total_bytes += size
        limits = self._limits
        state = states[frame.row] if is_call else None
        if is_call:
            self._episode_bytes[cars[frame.row]] += size
            if self._episode_bytes[cars[frame.row]] > limits.episode_output_bytes:
                self._end_by(RewardFault.OUTPUT, f"{limits.episode_output_bytes >> 10} KB in one episode", state)
        if self._total_bytes > limits.total_output_bytes:
            self._end_by(RewardFault.OUTPUT, f"{limits.total_output_bytes >> 10} KB in all", state)
        car = cars[frame.row] if is_call else None
        step = state.get("steps") if state is not None else None
        self.printed.append(
            Printed(
                car,
                self._episodes[car] if car is not None else None,
                int(step) if isinstance(step, (int, float)) and math.isfinite(step) else None,
                plain_text(frame.body),
            )
        )

    def _failure(self, frame: Frame, params: RewardParams | None) -> RewardError:
        """Returns what the child says of itself; a fault of its own is closed with it."""
        try:
            index, line = FAILURE.unpack_from(frame.body)
            fault = RewardFault(FAULTS[index])
        except (struct.error, IndexError):
            self._end_by(RewardFault.PROTOCOL, "it reported a failure that cannot be read", params)
        sentence = plain_text(frame.body[FAILURE.size :][:MAX_SENTENCE_BYTES])
        return RewardError(sentence, line=line or None, params=params, fault=fault)

    def _give_up(self, err: Exception, states: Sequence[RewardParams], cars: Sequence[int]) -> NoReturn:
        """Ends the child because of ``err``; raises the user's error."""
        params = states[0] if len(states) == 1 else None
        if isinstance(err, OutOfTimeError):
            self._child.ask_where()
            frames = [frame for frame in self._child.frames if frame.kind == Report.FAILURE]
            line = None
            if frames and len(frames[-1].body) == FAILURE.size:
                line = FAILURE.unpack(frames[-1].body)[1] or None
                params = states[frames[-1].row] if frames[-1].row < len(states) else params
            limits = self._limits
            wish = (
                f"a reward within {limits.call_s:g} s" if states else f"the import to end within {limits.import_s:g} s"
            )
            self._end_by(RewardFault.TIMEOUT, wish, params, line)
        if isinstance(err, FloodError):
            self._end_by(RewardFault.OUTPUT, f"{self._limits.total_output_bytes >> 10} KB in all", params)
        if isinstance(err, ViolationError):
            self._end_by(RewardFault.PROTOCOL, str(err), params)
        for frame in list(self._child.frames):
            if frame.kind == Report.FAILURE and not states:
                self._close_with(self._failure(frame, None))
        self._end_by(RewardFault.DEATH, how_it_died(self._child.kill()), params)

    def _end_by(
        self, fault: RewardFault, detail: str, params: RewardParams | None, line: int | None = None
    ) -> NoReturn:
        error = fatal_error(fault, detail, filename=self._filename, text=self._text, line=line, params=params)
        self._close_with(error)

    def _close_with(self, error: RewardError) -> NoReturn:
        self._child.kill()
        self._end = error
        raise error


class CarReward:
    """The function of one car, as the environment calls it; closing it leaves the child to the other cars."""

    def __init__(self, reward: SandboxedReward, car: int) -> None:
        self._reward = reward
        self._car = car

    def begin(self) -> None:
        """Tells that a new episode starts."""
        self._reward.begin(self._car)

    def call(self, params: RewardParams) -> float:
        """Returns the reward of one step; see ``RewardFunction.call``."""
        [answer] = self._reward.call_batch([params], [self._car])
        if isinstance(answer, RewardError):
            raise answer
        return answer

    def close(self) -> None:
        """Does nothing: whoever opened the sandbox closes it."""


def warm_child(prefix: Sequence[str] = ()) -> ChildProcess:
    """Starts a child ahead of time: it imports its modules meanwhile and waits for ``open_sandbox``.

    Raises:
        SandboxError: it cannot be started.
    """
    return ChildProcess(prefix)


def open_sandbox(  # noqa: PLR0913  # all but the text have a default
    text: str,
    *,
    filename: str = "reward_function.py",
    n_cars: int = 1,
    max_speed_mps: float = 4.0,
    max_steering_angle_deg: float = 30.0,
    limits: SandboxLimits = DEFAULT_LIMITS,
    seed: int = 0,
    options: SandboxOptions = DEFAULT_SANDBOX,
    child: ChildProcess | None = None,
) -> SandboxedReward:
    """Returns the reward function in ``text``, ready to be called; nothing of it runs in this process.

    Args:
        text: at most 140,000 characters.
        filename: as it appears in messages.
        n_cars: so many times the module is executed, each for one car.
        max_speed_mps: scales the throttle of 2018.
        max_steering_angle_deg: scales the steering of 2018.
        limits: its budgets.
        seed: of what the function draws from ``random`` and ``numpy.random``.
        options: what to do where the wall cannot be put up, and a prefix for the child.
        child: one from ``warm_child``, which belongs to the result from then on; None starts one.

    Raises:
        RewardError: the function cannot be used; ``fault`` says in what way.
        SandboxError: the wall is required and cannot be put up, or no process can be started.
    """
    if len(text) > MAX_SOURCE_CHARS:
        raise RewardError(
            f"{filename}: expected a reward function of 1 to {MAX_SOURCE_CHARS} characters, got {len(text)}. Put one "
            "reward_function in the file and no data.",
            fault=RewardFault.SYNTAX,
        )
    reward = SandboxedReward(child or ChildProcess(options.prefix), filename, text, limits, n_cars)
    try:
        reward._start(options.policy, seed, (max_speed_mps, max_steering_angle_deg))
    except BaseException:
        reward.close()
        raise
    return reward


def _odd(state: RewardParams) -> str:
    return ", ".join(f"{key}: {type(value).__name__}" for key, value in state.items() if type(value) not in _PLAIN)
