"""How what jobs print is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from deepracer_local.cli._output import print_json


def print_log(job_id: str, lines: Iterator[dict[str, Any]], *, follow: bool, as_json: bool) -> None:
    """Prints lines as they come; as JSON one object with all of them, or with ``follow`` an object for each."""
    if as_json and not follow:
        print_json({"job_id": job_id, "lines": list(lines)})
        return
    for line in lines:
        if as_json:
            print_json(line)
        else:
            typer.echo(printable(line["text"]))


def printable(text: str) -> str:
    """Returns text that changes nothing of a terminal but what is on it: other characters are written as escapes.

    Somebody's reward function may print what moves the cursor, sets the window's title or turns text around.
    """
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)
