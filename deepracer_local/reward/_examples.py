"""The reward functions that come with the package."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from deepracer_local.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Example:
    """One shipped reward function."""

    name: str
    title: str
    """The first line of its docstring."""
    path: Path
    text: str


def examples_dir() -> Path:
    """Returns the folder of the examples: inside an installed package, else beside the package in the source tree."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_reward_functions"
    return installed if installed.is_dir() else package.parent / "reward_functions"


def list_examples() -> list[Example]:
    """Returns all examples, sorted by name."""
    return [_read(path) for path in sorted(examples_dir().glob("*.py"))]


def find_example(name: str) -> Example:
    """Returns the example ``name``, with or without ``.py``.

    Raises:
        UnknownNameError: there is none of that name.
    """
    examples = {example.name: example for example in list_examples()}
    found = examples.get(name.removesuffix(".py"))
    if found is None:
        raise UnknownNameError("example", name, examples)
    return found


def _read(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or path.stem
    return Example(path.stem, docstring.splitlines()[0], path, text)
