"""Reading a reward function without running it: size, encoding, syntax, name, arguments."""

from __future__ import annotations

import ast
import difflib
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deepracer_local.errors import RewardError
from deepracer_local.reward._signature import (
    LEGACY_NOTICE,
    RewardStyle,
    Signature,
    arguments_of_ast,
    classify,
)

FUNCTION_NAME = "reward_function"
MAX_SOURCE_CHARS = 140_000
"""Source: the original's validator (DeepRacer on AWS 1.2.5)."""

_MAX_FILE_BYTES = 4 * MAX_SOURCE_CHARS + 3  # UTF-8 takes at most four bytes a character, and there may be a BOM


@dataclass(frozen=True, slots=True)
class RewardSource:
    """A reward function as text that was found to be callable."""

    text: str
    filename: str
    """As it appears in messages and tracebacks."""
    style: RewardStyle
    notices: tuple[str, ...] = ()
    """Sentences for the user that are no errors."""
    class_name: str | None = None
    """The class whose method it is, or None for a function of the module."""
    takes_self: bool = False
    """True for a function of the module that wants a ``self`` all the same."""


class _Definition(NamedTuple):
    node: ast.stmt | ast.Lambda
    line: int
    class_name: str | None


def load_reward(path: Path) -> RewardSource:
    """Reads and parses the file ``path``.

    Raises:
        RewardError: the file cannot be read, is too large, is not UTF-8 text, or ``parse_reward`` refuses it.
    """
    return parse_reward(read_reward_text(path), str(path))


def read_reward_text(path: Path) -> str:
    """Returns the text of the file ``path``; a byte order mark is dropped.

    Raises:
        RewardError: the file cannot be read, is too large, or is not UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_FILE_BYTES + 1)
    except OSError as err:
        raise RewardError(
            f"Expected a Python file with a reward_function, cannot read {path}: {err.strerror or err}. "
            "Check the path and the permissions."
        ) from err
    if len(raw) > _MAX_FILE_BYTES:
        raise RewardError(_wrong_size(str(path), f"more than {_MAX_FILE_BYTES} bytes"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise RewardError(
            f"{path}: expected text in UTF-8, got byte 0x{raw[err.start]:02x} at offset {err.start}. "
            "Save the file as UTF-8.",
            line=raw[: err.start].count(b"\n") + 1,
        ) from err


def parse_reward(text: str, filename: str = "reward_function.py") -> RewardSource:
    """Returns the reward function in ``text``; nothing of it is run.

    Raises:
        RewardError: empty or longer than 140,000 characters, not Python, no function of that name, or arguments that
            fit neither ``reward_function(params)`` nor the positional signature of 2018.
    """
    text = text.removeprefix("\ufeff")  # some editors write a byte order mark
    if not 1 <= len(text) <= MAX_SOURCE_CHARS:
        raise RewardError(_wrong_size(filename, f"{len(text)} characters"))
    tree = _parse(text, filename)
    found = list(_definitions(tree.body))
    if not found:
        raise _missing(filename, tree)
    definition = found[-1]
    notices = []
    if len(found) > 1:
        notices.append(f"reward_function is defined {len(found)} times; the one in line {definition.line} counts.")
    try:
        signature = _signature(definition)
    except ValueError as err:
        raise RewardError(f"{filename}, line {definition.line}: {err}", line=definition.line) from err
    if signature.style is RewardStyle.POSITIONAL:
        notices.append(LEGACY_NOTICE)
    return RewardSource(
        text, filename, signature.style, tuple(notices), definition.class_name, takes_self=signature.takes_self
    )


def source_lines(text: str) -> list[str]:
    """Returns the lines of a source text as Python counts them, without their ends."""
    return [line.rstrip("\n") for line in io.StringIO(text, newline=None)]


def parse_quietly(text: str, filename: str = "reward_function.py") -> ast.Module:
    """Returns the tree of a source text; raises what ``ast.parse`` raises.

    An odd escape in the user's string is not our warning, nor, where warnings are errors, a syntax error.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, filename)


def _parse(text: str, filename: str) -> ast.Module:
    try:
        return parse_quietly(text, filename)
    except SyntaxError as err:
        shown = ""
        if err.text and err.offset:
            code = err.text.rstrip("\n")
            indent = len(code) - len(code.lstrip())
            shown = f"\n    {code.lstrip()}\n    {' ' * max(0, err.offset - 1 - indent)}^"
        place = f"{filename}, line {err.lineno}" if err.lineno else filename
        hint = "Correct the line." if err.lineno else "Remove NUL bytes."
        message = f"{place}: expected Python code, got: {err.msg}. {hint}{shown}"
        raise RewardError(message, line=err.lineno) from err
    except (ValueError, RecursionError, MemoryError) as err:
        raise RewardError(
            f"{filename}: expected Python code, got what the parser refuses: {str(err) or type(err).__name__}. "
            "Remove NUL bytes and deep nesting."
        ) from err


def _definitions(body: Sequence[ast.stmt]) -> Iterator[_Definition]:
    """Yields what defines the function, in order; methods only where the module itself has none."""
    statements = list(_statements(body))
    in_module = [definition for node in statements if (definition := _defined(node))]
    if in_module:
        yield from in_module
        return
    for node in statements:
        if isinstance(node, ast.ClassDef):
            for item in _statements(node.body):
                if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.name == FUNCTION_NAME:
                    yield _Definition(item, item.lineno, node.name)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yields the statements of one scope, also those under ``if``, ``try`` and ``with``."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.For, ast.While)):
            yield from _statements([*node.body, *node.orelse])
        elif isinstance(node, ast.With):
            yield from _statements(node.body)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            handlers = [item for handler in node.handlers for item in handler.body]
            yield from _statements([*node.body, *handlers, *node.orelse, *node.finalbody])


def _defined(node: ast.stmt) -> _Definition | None:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == FUNCTION_NAME:
        return _Definition(node, node.lineno, None)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value and any(isinstance(target, ast.Name) and target.id == FUNCTION_NAME for target in targets):
            return _Definition(node.value if isinstance(node.value, ast.Lambda) else node, node.lineno, None)
    if isinstance(node, ast.ImportFrom) and any((it.asname or it.name) == FUNCTION_NAME for it in node.names):
        return _Definition(node, node.lineno, None)
    return None


def _signature(definition: _Definition) -> Signature:
    node = definition.node
    if isinstance(node, ast.AsyncFunctionDef):
        raise ValueError("Expected `def reward_function(params)`, got `async def`. Remove the word async.")
    if isinstance(node, ast.FunctionDef) and _is_generator(node):
        raise ValueError("Expected a function that returns a number, got one with `yield`. Use `return` instead.")
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        is_bound = definition.class_name is not None and not _is_static(node)
        return classify(arguments_of_ast(node, is_bound=is_bound))
    return Signature(RewardStyle.PARAMS, takes_self=False)  # an object from elsewhere; the first call will tell


def _is_static(node: ast.FunctionDef | ast.Lambda) -> bool:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in decorators)


def _is_generator(function: ast.FunctionDef) -> bool:
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))
    return False


def _missing(filename: str, tree: ast.Module) -> RewardError:
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    names = [node.name for node in functions]
    near = difflib.get_close_matches(FUNCTION_NAME, names, n=1)
    came = f"only {', '.join(names[:8])}" if names else "no function at all"
    hint = f"Rename {near[0]!r} to 'reward_function'." if near else "Add `def reward_function(params):`."
    line = next((node.lineno for node in functions if node.name in near), None)
    place = f"{filename}, line {line}" if line else filename
    return RewardError(f"{place}: expected a function named reward_function, got {came}. {hint}", line=line)


def _wrong_size(filename: str, came: str) -> str:
    return (
        f"{filename}: expected a reward function of 1 to {MAX_SOURCE_CHARS} characters, got {came}. "
        "Put one reward_function in the file and no data."
    )
