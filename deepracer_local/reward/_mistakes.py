"""Classic mistakes that the text of a reward function shows without being run.

When in doubt nothing is said: a warning about sound code teaches people to ignore warnings.
"""

from __future__ import annotations

import ast
import math
import random
import warnings
from collections.abc import Callable, Collection, Iterator
from types import ModuleType
from typing import NamedTuple

import numpy as np

from deepracer_local.reward._advice import absent_attribute, unknown_key
from deepracer_local.reward._findings import Finding, FindingKind
from deepracer_local.reward._signature import RewardStyle
from deepracer_local.reward._source import FUNCTION_NAME, RewardSource, parse_quietly, source_lines
from deepracer_local.reward._units import (
    TO_DEGREES,
    TO_RADIANS,
    UNITS_OF_2018,
    Read,
    Unit,
    Units,
    function_name,
    own_nodes,
    read_of,
)

_MODULES: dict[str, ModuleType] = {"math": math, "random": random, "numpy": np}
_WAVES = frozenset({"sin", "cos", "tan"})
_PARTS_OF_PI = (math.pi, 0.5 * math.pi, 2.0 * math.pi)
_WITH_DEFAULT = frozenset({"get", "setdefault", "pop"})
_MAX_PER_RULE = 5


class _Remark(NamedTuple):
    rule: str
    node: ast.expr
    message: str


class _Scope(NamedTuple):
    """A function of the user's file with what is known about its names."""

    node: ast.AST
    params_names: frozenset[str]
    units: Units


def find_mistakes(source: RewardSource, keys: Collection[str]) -> list[Finding]:
    """Returns warnings about the text of ``source``, in the order of lines, at most five of a kind.

    Args:
        source: it parses.
        keys: the names of all reward parameters.
    """
    try:
        tree = parse_quietly(source.text, source.filename)
        remarks = _remarks(tree, source, keys)
    except RecursionError:  # an expression of thousands of parts; the calls will tell
        return []
    lines = source_lines(source.text)
    findings, seen = [], set[tuple[str, int, int]]()
    counts: dict[str, int] = {}
    for remark in sorted(remarks, key=lambda it: (it.node.lineno, it.node.col_offset)):
        place = (remark.rule, remark.node.lineno, remark.node.col_offset)
        if place in seen or counts.get(remark.rule, 0) >= _MAX_PER_RULE:
            continue
        seen.add(place)
        counts[remark.rule] = counts.get(remark.rule, 0) + 1
        code = lines[remark.node.lineno - 1] if remark.node.lineno <= len(lines) else ""
        column = len(code.encode()[: remark.node.col_offset].decode(errors="ignore")) + 1
        findings.append(
            Finding(FindingKind.WARNING, remark.message, remark.rule, remark.node.lineno, column, code or None)
        )
    return findings


def endless_loop_line(text: str) -> int | None:
    """Returns the line of a ``while`` that cannot end, where the text shows exactly one."""
    try:
        loops = [node for node in ast.walk(parse_quietly(text)) if isinstance(node, ast.While) and _is_endless(node)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return loops[0].lineno if len(loops) == 1 else None


def _is_endless(loop: ast.While) -> bool:
    always = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    leaves = (ast.Break, ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)
    return always and not any(isinstance(node, leaves) for node in ast.walk(loop))


def _remarks(tree: ast.Module, source: RewardSource, keys: Collection[str]) -> list[_Remark]:
    scopes = list(_scopes(tree, source))
    remarks = [*_absent_attributes(tree), *_files(tree)]
    remarks += _unknown_keys(scopes, keys)
    for scope in scopes:
        for node in own_nodes(scope.node):
            if isinstance(node, ast.Call):
                remarks += _angle_calls(node, scope.units)
            elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
                remarks += _mixed_angles(node, node.left, node.right, scope.units)
            elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
                left, right = node.left, node.comparators[0]
                remarks += _mixed_angles(left, left, right, scope.units)
                remarks += _angle_against_pi(left, right, scope.units)
                remarks += _progress_against_one(node, scope.units)
    return remarks


# --- scopes ---------------------------------------------------------------------------------------------------------


def _scopes(tree: ast.Module, source: RewardSource) -> Iterator[_Scope]:
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    names = _names_of_params(tree, functions) if source.style is RewardStyle.PARAMS else {}
    for function in functions:
        mine = frozenset(names.get(id(function), ()))
        is_2018 = source.style is RewardStyle.POSITIONAL and getattr(function, "name", "") == FUNCTION_NAME
        yield _Scope(function, mine, Units(function, mine, UNITS_OF_2018 if is_2018 else {}))


def _names_of_params(tree: ast.Module, functions: list[ast.FunctionDef | ast.Lambda]) -> dict[int, set[str]]:
    """Returns for each function, by ``id``, what it calls the dictionary of parameters.

    It begins with the argument of reward_function and follows it into helpers that are called with it.
    """
    by_name = {node.name: node for node in functions if isinstance(node, ast.FunctionDef)}
    found: dict[int, set[str]] = {}
    main = by_name.get(FUNCTION_NAME)
    pending: list[ast.FunctionDef | ast.Lambda] = []
    if main is not None:
        arguments = [arg.arg for arg in (*main.args.posonlyargs, *main.args.args) if arg.arg not in {"self", "cls"}]
        found[id(main)] = set(arguments[:1])
        pending.append(main)
    for node in tree.body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and node.value.args.args):
            continue
        if any(isinstance(target, ast.Name) and target.id == FUNCTION_NAME for target in node.targets):
            found[id(node.value)] = {node.value.args.args[0].arg}
            pending.append(node.value)
    while pending:
        caller = pending.pop()
        for call in own_nodes(caller):
            for helper, name in _handed_over(call, found[id(caller)], by_name):
                known = found.setdefault(id(helper), set())
                if name not in known:
                    known.add(name)
                    pending.append(helper)
    return found


def _handed_over(
    call: ast.AST, names: set[str], by_name: dict[str, ast.FunctionDef]
) -> Iterator[tuple[ast.FunctionDef, str]]:
    """Yields the helpers that a call hands the dictionary to, each with the name that it has there."""
    if not isinstance(call, ast.Call):
        return
    is_method = isinstance(call.func, ast.Attribute)
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    helper = by_name.get(name or "")
    if helper is None:
        return
    arguments = [arg.arg for arg in (*helper.args.posonlyargs, *helper.args.args)]
    if is_method and arguments[:1] == ["self"]:
        arguments = arguments[1:]
    for value, argument in zip(call.args, arguments, strict=False):
        if isinstance(value, ast.Name) and value.id in names:
            yield helper, argument
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.value.id in names and keyword.arg in arguments:
            yield helper, str(keyword.arg)


# --- names that do not exist -----------------------------------------------------------------------------------------


def _unknown_keys(scopes: list[_Scope], keys: Collection[str]) -> Iterator[_Remark]:
    reads: list[Read] = []
    mentioned: set[str] = set()  # stored by the user, or asked for with ``in`` before it is read
    for scope in scopes:
        guarded = {id(it) for node in own_nodes(scope.node) for it in _guarded_here(node)}
        for node in own_nodes(scope.node):
            read = read_of(node, scope.params_names)
            if read is not None and id(node) not in guarded:
                reads.append(read)
            mentioned |= _mentioned(node)
    for read in reads:
        if read.key not in keys and read.key not in mentioned:
            yield _Remark("unknown-key", read.node, unknown_key(read.key, keys))


def _mentioned(node: ast.AST) -> set[str]:
    found: list[ast.AST] = []
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        found = [node.left]
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        found = [node.slice]
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _WITH_DEFAULT and len(node.args) == 2:
        found = [node.args[0]]  # it has a default: the user counts on its absence
    return {it.value for it in found if isinstance(it, ast.Constant) and isinstance(it.value, str)}


def _guarded_here(node: ast.AST) -> list[ast.AST]:
    """Returns all nodes whose exception ``node`` catches."""
    if not (isinstance(node, ast.Try) and node.handlers):
        return []
    return [inner for statement in node.body for inner in ast.walk(statement)]


def _absent_attributes(tree: ast.Module) -> Iterator[_Remark]:
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {it.asname or it.name: it.name for it in node.names if it.name in _MODULES}
    mine = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    mine |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    guarded = {id(it) for node in ast.walk(tree) for it in _guarded_here(node)}
    asked_for = {it.value for node in ast.walk(tree) if _is_call_of(node, "hasattr") for it in _constants(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)) or id(node) in guarded:
            continue
        if isinstance(node.value, ast.Name) and node.value.id in modules and node.value.id not in mine:
            module = modules[node.value.id]
            if not _has(module, node.attr) and node.attr not in asked_for:
                yield _Remark("unknown-name", node, absent_attribute(module, node.attr))


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _constants(node: ast.AST) -> list[ast.Constant]:
    return [it for it in ast.walk(node) if isinstance(it, ast.Constant)]


def _has(module: str, name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns about names that it will drop
        return hasattr(_MODULES[module], name)


def _files(tree: ast.Module) -> Iterator[_Remark]:
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in defined:
            if node.func.id == "open":
                yield _Remark(
                    "no-files", node, "A reward function runs without files. Write the data into the code itself."
                )
            elif node.func.id == "input":
                yield _Remark("no-files", node, "Nobody sits at the keyboard of a training. Remove input().")


# --- units ----------------------------------------------------------------------------------------------------------


def _angle_calls(node: ast.Call, units: Units) -> Iterator[_Remark]:
    name = function_name(node)
    if not node.args:
        return
    unit = units.of(node.args[0])
    if name in _WAVES and unit is Unit.DEGREES:
        message = f"Expected radians for {name}(), got degrees. Write {name}(math.radians(...))."
        yield _Remark("degrees-as-radians", node.args[0], message)
    elif name in TO_RADIANS and unit is Unit.RADIANS:
        yield _Remark("degrees-as-radians", node.args[0], f"This is in radians already. Leave {name}() out.")
    elif name in TO_DEGREES and unit is Unit.DEGREES:
        yield _Remark("degrees-as-radians", node.args[0], f"This is in degrees already. Leave {name}() out.")


def _mixed_angles(at: ast.expr, left: ast.expr, right: ast.expr, units: Units) -> Iterator[_Remark]:
    if {units.of(left), units.of(right)} == {Unit.DEGREES, Unit.RADIANS}:
        message = (
            "Expected two angles in the same unit, got degrees and radians: heading and steering_angle are in degrees, "
            "math.atan2 gives radians. Convert one of them with math.degrees(...)."
        )
        yield _Remark("degrees-as-radians", at, message)


def _angle_against_pi(left: ast.expr, right: ast.expr, units: Units) -> Iterator[_Remark]:
    for angle, bound in ((left, right), (right, left)):
        if units.of(angle) is Unit.DEGREES and _is_of_pi(bound):
            message = (
                "Expected degrees, got a bound in radians: heading and steering_angle are in degrees. Write 180 for pi."
            )
            yield _Remark("degrees-as-radians", bound, message)


def _is_of_pi(node: ast.expr) -> bool:
    """Tells whether an expression is pi, or a part or a multiple of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return any(abs(node.value - part) < 0.005 for part in _PARTS_OF_PI)
    if isinstance(node, ast.UnaryOp):
        return _is_of_pi(node.operand)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        sides = (node.left, node.right)
        return any(map(_is_of_pi, sides)) and all(_is_of_pi(it) or isinstance(it, ast.Constant) for it in sides)
    return isinstance(node, ast.Attribute) and node.attr == "pi"


_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE}
_IS_LAP_END: dict[type[ast.cmpop], Callable[[float], bool]] = {
    ast.Eq: lambda bound: bound == 1.0,
    ast.NotEq: lambda bound: bound == 1.0,
    ast.GtE: lambda bound: 0.5 <= bound <= 1.0,
    ast.Gt: lambda bound: 0.5 <= bound < 1.0,
}
"""Comparisons of progress that mean a whole lap if progress ran from 0 to 1; ``progress > 1`` may mean one percent."""


def _progress_against_one(node: ast.Compare, units: Units) -> Iterator[_Remark]:
    operator = type(node.ops[0])
    for value, bound, seen in (
        (node.left, node.comparators[0], operator),
        (node.comparators[0], node.left, _FLIPPED.get(operator, operator)),
    ):
        if not (isinstance(bound, ast.Constant) and isinstance(bound.value, (int, float))):
            continue
        unit = units.of(value)
        if unit is Unit.PERCENT and seen in _IS_LAP_END and _IS_LAP_END[seen](float(bound.value)):
            message = f"Expected progress in percent (a lap is 100), got a comparison with {bound.value}. Write 100."
            yield _Remark("progress-as-share", bound, message)
        elif unit is Unit.SHARE and bound.value > 1.0:
            message = (
                f"Progress runs from 0 to 1 in the signature of 2018, got a comparison with {bound.value}. Write 1."
            )
            yield _Remark("progress-as-share", bound, message)
