"""What to do about an exception that left a reward function, in one sentence or two."""

from __future__ import annotations

import builtins
import difflib
import re
import sys
from collections.abc import Collection
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepracer_local.domain import RewardParams

_ADVICE: tuple[tuple[type[BaseException], str], ...] = (
    (
        ModuleNotFoundError,
        "Do without that package; docs/sandbox.md lists what can be imported, for example math and numpy.",
    ),
    (PermissionError, "A reward function reaches no file, no network and no other process; use what params holds."),
    (SystemExit, "A reward function must return, not exit."),
    (ZeroDivisionError, "Guard the division, for example with max(value, 1e-6)."),
    (RecursionError, "The function calls itself without an end."),
    (MemoryError, "Keep less in memory: a reward function needs a few numbers."),
    (OverflowError, "Scale the number down before this line."),
)


def advice(err: BaseException, params: RewardParams | None) -> str:
    """Returns what to do about ``err``, which came from a call with ``params`` or, without them, from an import."""
    if isinstance(err, KeyError) and params is not None and err.args and err.args[0] not in params:
        return unknown_key(str(err.args[0]), params)
    if isinstance(err, UnboundLocalError):
        name = (re.findall(r"'(\w+)'", str(err)) or ["name"])[0]
        return f"To change a name of the module, write `global {name}` as the function's first line."
    if isinstance(err, AttributeError) and isinstance(err.obj, ModuleType) and err.name:
        return absent_attribute(err.obj.__name__, err.name)
    if isinstance(err, ImportError) and err.name in sys.modules and (name := _imported_name(err)):
        return absent_attribute(str(err.name), name)
    if isinstance(err, NameError) and err.name:
        return _unknown_name(err.name, err)
    for kind, sentence in _ADVICE:
        if isinstance(err, kind):
            return sentence
    return "Correct the line."


def unknown_key(key: str, keys: Collection[str]) -> str:
    """Returns the sentence about a parameter that does not exist, with the nearest name."""
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(keys))}."
    return f"There is no parameter {key!r}. {hint}"


def absent_attribute(module: str, name: str) -> str:
    """Returns the sentence about ``module.name`` that does not exist: ``math.abs``."""
    sentence = f"The module {module} has no {name!r}."
    if hasattr(builtins, name):
        return f"{sentence} Use the built-in {name}(...)."
    near = difflib.get_close_matches(name, dir(sys.modules.get(module)), n=1)
    return f"{sentence} Did you mean {module}.{near[0]}?" if near else f"{sentence} Look its name up."


def _imported_name(err: ImportError) -> str | None:
    found = re.search(r"cannot import name '(\w+)'", str(err))
    return found[1] if found else None


def _unknown_name(name: str, err: NameError) -> str:
    if name in sys.stdlib_module_names or name in {"np", "numpy", "scipy", "shapely"}:
        return f"Write `import {'numpy as np' if name == 'np' else name}` at the top of the file."
    traceback = err.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    names = {*dir(builtins)}
    if traceback is not None:
        names |= {*traceback.tb_frame.f_locals, *traceback.tb_frame.f_globals}
    near = difflib.get_close_matches(name, sorted(names), n=1)
    return f"Did you mean {near[0]!r}?" if near else "Define it before this line, or correct its spelling."
