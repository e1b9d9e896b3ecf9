"""Step traces as CSV: whole, or narrowed to the columns that somebody needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from deepracer_local.api._fields import file_name
from deepracer_local.errors import ConflictError, SpecError
from deepracer_local.runs import TRACE_HEADER

COLUMNS = TRACE_HEADER.split(",")
_LINES_AT_ONCE = 500
Columns = Annotated[
    str | None,
    Query(
        max_length=400,
        description=f"only these columns, in this order, with commas between them; of {TRACE_HEADER}. "
        "With those that a replay needs a lap is a third as large",
        examples=["steps,X,Y,yaw,steer,measured_speed,reward,progress,tstamp"],
    ),
]


def csv_answer(steps: Iterator[bytes], name: str, columns: str | None) -> StreamingResponse:
    """Returns lines of steps as a file of this name, with all columns or with those named.

    Raises:
        SpecError: ``columns`` names none of a trace's columns, or one twice.
        ConflictError: the first line is no line of a step trace.
    """
    header = TRACE_HEADER
    if columns is not None:
        steps, header = _narrowed(steps, _places(columns)), columns
    # Before the answer begins: what cannot be read is an error then, and not half a file.
    first = list(islice(steps, 1))
    lines: Iterable[bytes] = chain([f"{header}\n".encode()], first, steps)
    return StreamingResponse(
        _portions(iter(lines)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name(name)}.csv"'},
    )


def damaged(line: bytes) -> ConflictError:
    """Returns what to say of a line that is none of a step trace."""
    return ConflictError(
        f"Expected the line of a step trace, got {line[:80]!r}. The file is damaged; its asset has it as it is."
    )


def _places(columns: str) -> list[int]:
    """Returns where the chosen columns are in a line.

    Raises:
        SpecError: a name is none of a trace's columns, or is there twice.
    """
    names = columns.split(",")
    for i, name in enumerate(names):
        if name not in COLUMNS or name in names[:i]:
            wrong = f"{name!r} twice" if name in COLUMNS else repr(name)
            raise SpecError(
                f"columns: expected names of columns with commas between them, got {wrong}. There are: {TRACE_HEADER}.",
                field="columns",
            )
    return [COLUMNS.index(name) for name in names]


def _narrowed(steps: Iterator[bytes], places: Sequence[int]) -> Iterator[bytes]:
    for line in steps:
        values = line.strip().split(b",")
        if len(values) != len(COLUMNS):
            raise damaged(line)
        yield b",".join([values[place] for place in places]) + b"\n"


def _portions(lines: Iterator[bytes]) -> Iterator[bytes]:
    while portion := b"".join(islice(lines, _LINES_AT_ONCE)):
        yield portion
