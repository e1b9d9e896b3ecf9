"""The sentences for a reward function that had to be ended."""

from __future__ import annotations

import io
import signal

from deepracer_local.domain import RewardParams
from deepracer_local.errors import RewardError, RewardFault

_ENDED = {
    RewardFault.TIMEOUT: "expected {}, got no answer. Look for a loop that never ends, or compute less.",
    RewardFault.OUTPUT: "expected less output, got more than {}. Print less, for example only when "
    "params['steps'] % 50 == 1.",
    RewardFault.PROTOCOL: "expected nothing but rewards from its process, but {}. Do not touch files, pipes or the "
    "interpreter.",
    RewardFault.DEATH: "expected a reward, but {}. A reward function must return; look for deep recursion, for code "
    "that exits, and for large arrays.",
}


def fatal_error(
    fault: RewardFault, detail: str, *, filename: str, text: str, line: int | None, params: RewardParams | None
) -> RewardError:
    """Returns the error of a function that was ended for ``fault``; ``detail`` fills the gap in its sentence."""
    place = f"{filename}, line {line}" if line else filename
    return RewardError(
        f"{place}: {_ENDED[fault].format(detail)}{_code(text, line)}", line=line, params=params, fault=fault
    )


def how_it_died(exit_code: int) -> str:
    """Returns half a sentence about the end of a process; negative numbers are signals."""
    if exit_code >= 0:
        return f"its process ended with exit code {exit_code}"
    number = -exit_code
    return f"its process was killed by {signal.Signals(number).name if number in set(signal.Signals) else number}"


def _code(text: str, line: int | None) -> str:
    lines = io.StringIO(text, newline=None).readlines()
    return f"\n    {lines[line - 1].strip()[:200]}" if line and line <= len(lines) else ""
