"""Which return values count as a reward."""

from __future__ import annotations

import math
from numbers import Number

import numpy as np

MAX_REWARD = 1e5
"""Rewards beyond plus or minus this end the run. Source: the original's guide, 2018 and since."""


def to_reward(value: object) -> tuple[float, str | None]:
    """Returns ``(reward, notice)``; the notice is a sentence where the value counts but deserves a word.

    Raises:
        ValueError: the value is no reward; the message says in plain words what to do.
    """
    if isinstance(value, (bool, np.bool_)):
        kind = "True counts as 1 and False as 0"
        return float(value), f"The reward is a truth value ({kind}); return a number, for example float(...)."
    if isinstance(value, (int, float, np.integer, np.floating)):
        return _bounded(value), None
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "iuf":
        return _bounded(value.item()), "The reward is an array of one number; return float(...) of it."
    if isinstance(value, Number) and not isinstance(value, (complex, np.complexfloating)):
        return _bounded(value), f"The reward is a {type(value).__name__}; return float(...) of it."
    raise ValueError(_refusal(value))


def _bounded(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # a Number; the user's own class may still refuse
    except OverflowError:
        raise ValueError(_beyond("a number too large for a float")) from None
    except Exception as err:
        raise ValueError(f"Expected a number, got a {type(value).__name__} that float() refuses: {err}.") from err
    if math.isnan(number):
        raise ValueError("Expected a finite number, got NaN. Look for 0/0, inf - inf or the square root of a negative.")
    if abs(number) > MAX_REWARD:
        raise ValueError(_beyond("infinity" if math.isinf(number) else f"{number:g}"))
    return number


def _beyond(came: str) -> str:
    return f"Expected a reward from -100000 to 100000, got {came}. Scale it down or guard the division."


def _refusal(value: object) -> str:
    if value is None:
        return "Expected a number, got None. Some path through the function ends without `return float(reward)`."
    if isinstance(value, str):
        return f"Expected a number, got the text {value[:40]!r}. Return float(...), not a string."
    return f"Expected a number, got a {type(value).__name__}. Return float(reward)."
