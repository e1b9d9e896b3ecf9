"""Turning a failure inside the user's code into one sentence with the user's line."""

from __future__ import annotations

import contextlib
import io
import linecache
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from deepracer_local.errors import RewardError
from deepracer_local.reward._advice import advice
from deepracer_local.reward._values import to_reward

if TYPE_CHECKING:  # the sandbox's child runs this file without pydantic
    from deepracer_local.domain import RewardParams

_MAX_MESSAGE_CHARS = 2_000


def failure(err: BaseException, filename: str, params: RewardParams | None) -> RewardError:
    """Returns the ``RewardError`` for an exception that left the user's code.

    Its line is that of the last frame in ``filename``; a misspelt parameter gets the nearest name.
    """
    line = _last_line(err.__traceback__, filename)
    expected = "expected a reward" if params is not None else "expected a module that can be imported"
    message = f"{_place(filename, line)}: {expected}, got {_described(err)}. {advice(err, params)}"
    return RewardError(message + _code(filename, line), line=line, params=params)


def bad_value(
    sentence: str, again: Callable[[], object], *, filename: str, params: RewardParams, first_line: int
) -> RewardError:
    """Returns the ``RewardError`` for a value that is no reward.

    To find the ``return`` that gave it, the call is made ``again`` under a trace; where that turns out well,
    ``first_line`` is blamed.
    """
    line = _return_line(again, filename) or first_line
    return RewardError(f"{_place(filename, line)}: {sentence}" + _code(filename, line), line=line, params=params)


def _last_line(traceback: TracebackType | None, filename: str) -> int | None:
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _return_line(again: Callable[[], object], filename: str) -> int | None:
    lines: list[int] = []

    def trace(frame: FrameType, event: str, _arg: Any) -> Any:
        if frame.f_code.co_filename != filename:
            return None
        if event == "return":
            lines.append(frame.f_lineno)
        return trace

    before = sys.gettrace()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            sys.settrace(trace)
            value = again()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # the second call is only a look; the first one's fault is reported
        return None
    finally:
        sys.settrace(before)
    try:
        to_reward(value)
    except ValueError:
        return lines[-1] if lines else None
    return None


def _described(err: BaseException) -> str:
    try:
        text = str(err)
    except Exception:  # noqa: BLE001  # the user's own exception class may fail at describing itself
        text = "(it cannot be shown)"
    name = type(err).__name__
    return (f"{name}: {text}" if text else name)[:_MAX_MESSAGE_CHARS].rstrip(".")


def _place(filename: str, line: int | None) -> str:
    return f"{filename}, line {line}" if line else filename


def _code(filename: str, line: int | None) -> str:
    text = linecache.getline(filename, line).strip() if line else ""
    return f"\n    {text[:200]}" if text else ""
