"""Which names of a reward function hold degrees, radians or percent, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple


class Unit(StrEnum):
    """What a number means."""

    DEGREES = "degrees"
    RADIANS = "radians"
    PERCENT = "percent"
    """Progress as ``params`` has it: 0 to 100."""
    SHARE = "share"
    """Progress as the signature of 2018 has it: 0 to 1."""


UNITS_OF_KEYS = {"heading": Unit.DEGREES, "steering_angle": Unit.DEGREES, "progress": Unit.PERCENT}
UNITS_OF_2018 = {"car_orientation": Unit.RADIANS, "progress": Unit.SHARE}
MATH_MODULES = ("math", "np", "numpy")
TO_RADIANS = frozenset({"radians", "deg2rad"})
TO_DEGREES = frozenset({"degrees", "rad2deg"})

_GIVES_RADIANS = frozenset({"atan2", "atan", "asin", "acos", "arctan2", "arctan", "arcsin", "arccos"}) | TO_RADIANS
_KEEPS_UNIT = frozenset({"abs", "fabs", "float", "round", "float64"})
_N_ROUNDS = 4  # names that are made of names that are made of names

Function = ast.FunctionDef | ast.Lambda


class Read(NamedTuple):
    """``params["key"]`` or ``params.get("key")`` in the user's text."""

    key: str
    node: ast.expr
    """The key's literal, for its place."""


def read_of(node: ast.AST, names: frozenset[str]) -> Read | None:
    """Returns the read of a parameter that ``node`` is, where the dictionary has one of ``names``."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        holder, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        holder, key = node.func.value, node.args[0]
    else:
        return None
    is_ours = isinstance(holder, ast.Name) and holder.id in names
    if is_ours and isinstance(key, ast.Constant) and isinstance(key.value, str):
        return Read(key.value, key)
    return None


def function_name(call: ast.Call) -> str | None:
    """Returns the last part of a called name: ``sin`` for ``math.sin``, ``np.sin`` and a bare ``sin``."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.attr if call.func.value.id in MATH_MODULES else None
    return None


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yields the nodes of a function or module without those of the functions and classes inside it."""
    pending = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


class Units:
    """The units of one scope.

    A name has a unit only where every assignment to it in this scope gives that unit: when in doubt it has none.
    """

    def __init__(self, function: ast.AST, params_names: frozenset[str], given: Mapping[str, Unit]) -> None:
        """Reads the scope.

        Args:
            function: a function or a module.
            params_names: what the dictionary of parameters is called here.
            given: the units of arguments.
        """
        self._params_names = params_names
        self._names: dict[str, Unit | None] = dict(given)
        nodes = list(own_nodes(function))
        assigned = [
            (node.targets[0].id, node.value)
            for node in nodes
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        ]
        n_stores: dict[str, int] = {}
        for node in nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                n_stores[node.id] = n_stores.get(node.id, 0) + 1
        for _ in range(_N_ROUNDS):
            found: dict[str, Unit | None] = dict(given)
            for name, n_times in n_stores.items():
                values = [value for target, value in assigned if target == name]
                units = {self.of(value) for value in values} | ({given[name]} if name in given else set())
                found[name] = units.pop() if len(values) == n_times and len(units) == 1 else None
            if found == self._names:
                break
            self._names = found

    def of(self, node: ast.expr) -> Unit | None:
        """Returns the unit of an expression, or None where it has none or nobody knows."""
        read = read_of(node, self._params_names)
        if read is not None:
            return UNITS_OF_KEYS.get(read.key)
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.UnaryOp):
            return self.of(node.operand)
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            left, right = self.of(node.left), self.of(node.right)
            return left if right in {None, left} else right if left is None else None
        return None

    def _of_call(self, node: ast.Call) -> Unit | None:
        name = function_name(node)
        if name in _GIVES_RADIANS:
            return Unit.RADIANS
        if name in TO_DEGREES:
            return Unit.DEGREES
        if name in _KEEPS_UNIT and node.args:
            return self.of(node.args[0])
        return None
