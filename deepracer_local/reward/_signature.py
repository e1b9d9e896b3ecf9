"""Telling the two ways of writing a reward function apart by their arguments."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

LEGACY_NAMES = (
    "on_track",
    "x",
    "y",
    "distance_from_center",
    "car_orientation",
    "progress",
    "steps",
    "throttle",
    "steering",
    "track_width",
    "waypoints",
    "closest_waypoint",
)
"""The positional arguments of 2018, in their order."""

_LEGACY_SPELLINGS = {"streering": "steering", "closest_waypoints": "closest_waypoint"}
"""Other spellings in the guide of December 2018."""

LEGACY_NOTICE = (
    "This is the positional signature of 2018: orientation is handed over in radians, progress from 0 to 1, throttle "
    "and steering as shares of their largest value. reward_function(params) gives more to work with."
)


class RewardStyle(StrEnum):
    """How a reward function wants to be called."""

    PARAMS = "params"
    POSITIONAL = "positional"


class Arguments(NamedTuple):
    """The arguments that a call could fill, without a method's ``self``."""

    positional: tuple[str, ...]
    n_required: int
    takes_any: bool
    """True for ``*args``."""
    keyword_only: tuple[str, ...]
    """Required ones."""


class Signature(NamedTuple):
    """What ``classify`` found."""

    style: RewardStyle
    takes_self: bool
    """True for a function outside any class whose first of 13 arguments is ``self``."""


def arguments_of_ast(node: ast.FunctionDef | ast.Lambda, *, is_bound: bool) -> Arguments:
    """Returns the arguments of a parsed function; ``is_bound`` leaves out the first one."""
    args = node.args
    names = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    n_required = len(names) - len(args.defaults)
    required_keywords = tuple(
        arg.arg for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True) if default is None
    )
    skip = 1 if is_bound and names else 0
    return Arguments(tuple(names[skip:]), max(0, n_required - skip), args.vararg is not None, required_keywords)


def arguments_of_callable(function: Callable[..., Any]) -> Arguments | None:
    """Returns the arguments of a Python callable, or None where it does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some built-in functions
        return None
    positional = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    return Arguments(
        tuple(p.name for p in positional),
        sum(p.default is p.empty for p in positional),
        any(p.kind is p.VAR_POSITIONAL for p in parameters),
        tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty),
    )


def classify(arguments: Arguments) -> Signature:
    """Returns the style of a function with these arguments.

    Raises:
        ValueError: they fit neither style; the message says what was expected and what came.
    """
    names = tuple(_LEGACY_SPELLINGS.get(name, name) for name in arguments.positional)
    if not arguments.keyword_only:
        if names == LEGACY_NAMES:
            return Signature(RewardStyle.POSITIONAL, takes_self=False)
        if names == ("self", *LEGACY_NAMES):
            return Signature(RewardStyle.POSITIONAL, takes_self=True)
        if arguments.n_required <= 1 and (names or arguments.takes_any):
            return Signature(RewardStyle.PARAMS, takes_self=False)
    raise ValueError(_refusal(arguments, names))


def _refusal(arguments: Arguments, names: tuple[str, ...]) -> str:
    came = [*arguments.positional, *(f"*, {name}" for name in arguments.keyword_only)]
    message = f"Expected `def reward_function(params)` with one argument, got ({', '.join(came) or 'no argument'})."
    without_self = names[1:] if names[:1] == ("self",) else names
    if len(set(without_self) & set(LEGACY_NAMES)) >= len(LEGACY_NAMES) // 2:
        return f"{message} The positional signature of 2018 would be ({', '.join(LEGACY_NAMES)})."
    return f"{message} Take one dictionary and read the values from it, for example params['track_width']."
