"""Reward functions that run inside this process: for one's own code, not for uploads."""

from __future__ import annotations

import inspect
import io
import linecache
import logging
import sys
import types
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from deepracer_local.errors import RewardError
from deepracer_local.reward._blame import bad_value, failure
from deepracer_local.reward._function import RewardFunction
from deepracer_local.reward._positional import positional_arguments
from deepracer_local.reward._signature import LEGACY_NOTICE, RewardStyle, arguments_of_callable, classify
from deepracer_local.reward._source import FUNCTION_NAME, RewardSource
from deepracer_local.reward._values import MAX_REWARD, to_reward

if TYPE_CHECKING:  # the sandbox's child runs this file without pydantic
    from deepracer_local.domain import RewardParams

log = logging.getLogger(__name__)

_Invoke: TypeAlias = "Callable[[RewardParams], object]"


class GuardedReward:
    """A Python callable under the rules of ``RewardFunction``.

    Attributes:
        notices: sentences for the user that are no errors; it grows when a call gives reason to.
    """

    def __init__(self, invoke: _Invoke, *, filename: str, first_line: int, notices: tuple[str, ...] = ()) -> None:
        self._invoke = invoke
        self._filename = filename
        self._first_line = first_line
        self.notices: list[str] = []
        for notice in notices:
            self._note(notice)

    def begin(self) -> None:
        """Does nothing: the user's globals outlive the episode, as in the original."""

    def call(self, params: RewardParams) -> float:
        """Returns the reward of one step; see ``RewardFunction.call``."""
        return self.call_on(lambda: _copy(params))

    def call_on(self, copy: Callable[[], RewardParams]) -> float:
        """Does what ``call`` does with a state that ``copy`` makes anew, for the user to scribble on."""
        try:
            value = self._invoke(copy())
        except KeyboardInterrupt:
            raise
        except BaseException as err:  # SystemExit and the user's own BaseException included
            raise failure(err, self._filename, copy()) from err
        # A NaN compares false and takes the long way to its error.
        if type(value) is float and -MAX_REWARD <= value <= MAX_REWARD:
            return value
        try:
            reward, notice = to_reward(value)
        except ValueError as err:
            raise bad_value(
                str(err),
                lambda: self._invoke(copy()),
                filename=self._filename,
                params=copy(),
                first_line=self._first_line,
            ) from err
        if notice is not None and notice not in self.notices:
            self._note(notice)
        return reward

    def close(self) -> None:
        """Forgets nothing that matters: the function lives in this process."""

    def _note(self, notice: str) -> None:
        self.notices.append(notice)
        log.warning("reward.notice", extra={"reward_file": self._filename, "notice": notice})


class InProcessReward(GuardedReward):
    """The module of a ``RewardSource``, executed here once; its functions, globals and classes persist.

    Tracebacks and messages name the user's own file and lines.
    """

    def __init__(self, source: RewardSource, *, max_speed_mps: float, max_steering_angle_deg: float) -> None:
        """Executes the module; the two largest values of the action space scale the arguments of 2018.

        Raises:
            RewardError: the module fails on import, or what it calls reward_function cannot be called.
        """
        # With its text in the cache, tracebacks show the user's line even where no such file exists.
        lines = io.StringIO(source.text, newline=None).readlines()
        linecache.cache[source.filename] = (len(source.text), None, lines, source.filename)
        function = _execute(source)
        invoke = _adapt(function, source.style, max_speed_mps, max_steering_angle_deg)
        super().__init__(invoke, filename=source.filename, first_line=_first_line(function), notices=source.notices)


def from_callable(
    function: Callable[..., Any], *, max_speed_mps: float = 4.0, max_steering_angle_deg: float = 30.0
) -> RewardFunction:
    """Returns a reward function around a Python callable, under the same rules.

    Args:
        function: takes the dictionary, or the twelve arguments of 2018.
        max_speed_mps: scales the throttle of 2018.
        max_steering_angle_deg: scales the steering of 2018.

    Raises:
        RewardError: its arguments fit neither way of calling.
    """
    if not callable(function):
        raise RewardError(f"Expected a callable reward function, got a {type(function).__name__}. Pass a function.")
    style, first_line = RewardStyle.PARAMS, _first_line(function)
    notices: tuple[str, ...] = ()
    arguments = arguments_of_callable(function)
    if arguments is not None:
        try:
            signature = classify(arguments)
        except ValueError as err:
            raise RewardError(str(err), line=first_line) from err
        if signature.style is RewardStyle.POSITIONAL:
            style, notices = RewardStyle.POSITIONAL, (LEGACY_NOTICE,)
            function = _with_self(function) if signature.takes_self else function
    code = _code(function)
    filename = code.co_filename if code else type(function).__name__
    invoke = _adapt(function, style, max_speed_mps, max_steering_angle_deg)
    return GuardedReward(invoke, filename=filename, first_line=first_line, notices=notices)


def _copy(params: RewardParams) -> RewardParams:
    """Returns what the user may scribble on: the caller's dictionary and its lists stay as they are."""
    return {key: value.copy() if type(value) is list else value for key, value in params.items()}


def _execute(source: RewardSource) -> Callable[..., Any]:
    module = types.ModuleType(FUNCTION_NAME)
    module.__file__ = source.filename
    before = sys.modules.get(FUNCTION_NAME)
    # A dataclass in the user's file looks its own module up while it is being made.
    sys.modules[FUNCTION_NAME] = module
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            # dont_inherit keeps this file's __future__ imports out of the user's code.
            code = compile(source.text, source.filename, "exec", dont_inherit=True)
        exec(code, module.__dict__)
        if source.class_name is not None:
            return module.__dict__[source.class_name]().reward_function  # type: ignore[no-any-return]  # user's class
        function = module.__dict__[FUNCTION_NAME]
    except KeyboardInterrupt:
        raise
    except BaseException as err:
        raise failure(err, source.filename, None) from err
    finally:
        if before is None:
            sys.modules.pop(FUNCTION_NAME, None)
        else:
            sys.modules[FUNCTION_NAME] = before
    if not callable(function):
        raise RewardError(
            f"{source.filename}: expected reward_function to be a function, got a {type(function).__name__}. "
            "Write `def reward_function(params):`."
        )
    return _with_self(function) if source.takes_self else function


def _with_self(function: Callable[..., Any]) -> Callable[..., Any]:
    return types.MethodType(function, types.SimpleNamespace())


def _adapt(
    function: Callable[..., Any], style: RewardStyle, max_speed_mps: float, max_steering_angle_deg: float
) -> _Invoke:
    if style is RewardStyle.PARAMS:
        return function

    def invoke(params: RewardParams) -> object:
        arguments = positional_arguments(
            params, max_speed_mps=max_speed_mps, max_steering_angle_deg=max_steering_angle_deg
        )
        return function(*arguments)

    return invoke


def _code(function: Callable[..., Any]) -> types.CodeType | None:
    if inspect.ismethod(function):
        function = function.__func__
    if inspect.isfunction(function):
        return function.__code__
    call = type(function).__call__
    return call.__code__ if inspect.isfunction(call) else None


def _first_line(function: Callable[..., Any]) -> int:
    code = _code(function)
    return code.co_firstlineno if code else 1
