"""Small things that every noun's file needs: ids, page tokens, rows as values."""

from __future__ import annotations

import base64
import json
import re
import secrets
import string
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import CursorResult

from deepracer_local.db._nouns import Page
from deepracer_local.errors import NotFoundError, SpecError

ID_LENGTH = 15
_ALPHABET = string.ascii_letters + string.digits
_ID = re.compile(rf"[A-Za-z0-9]{{{ID_LENGTH}}}")

T = TypeVar("T")

Row = dict[str, Any]
"""One row of a table, by column."""


def new_id() -> str:
    """Returns 15 random letters and digits: 89 bits, so that nobody guesses somebody else's."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))


def check_id(kind: str, identifier: str) -> None:
    """Refuses what cannot be an id before a database sees it.

    Raises:
        NotFoundError: always the same answer for an id that does not exist.
    """
    if not _ID.fullmatch(identifier):
        raise NotFoundError(kind, identifier)


def encode_token(*values: str | int | float) -> str:
    """Returns where a page ended, opaque to the caller."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_token(token: str, *types: type | tuple[type, ...]) -> list[Any]:
    """Returns the values of ``encode_token``.

    Raises:
        SpecError: it is none, or one of another list.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError("another list's token")
        for value, type_ in zip(values, types, strict=True):
            if not isinstance(value, type_) or isinstance(value, bool):
                raise ValueError("another list's token")
            if isinstance(value, int) and abs(value) >= 2**63:
                raise ValueError("a number out of range")
            if isinstance(value, str) and ("\x00" in value or not value.isprintable()):
                value.encode()
                if "\x00" in value:
                    raise ValueError("text that no row has")
    except (ValueError, RecursionError) as err:
        raise SpecError(
            f"Expected the next_token of the page before, got {token[:80]!r} ({err}). Ask for the first page.",
            field="after",
        ) from err
    return values


def to_page(items: Sequence[T], limit: int, token: str) -> Page[T]:
    """Returns a page of at most ``limit`` of ``items``, which hold one more if there is a next page."""
    return Page(items=tuple(items[:limit]), next_token=token if len(items) > limit else None)


def all_rows(result: CursorResult[Any]) -> list[Row]:
    """Returns the rows of a result as dictionaries; the library's own mappings take five times as long."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def one_row(result: CursorResult[Any]) -> Row:
    """Returns the only row of a result."""
    return dict(zip(result.keys(), result.one(), strict=True))


def row_or_none(result: CursorResult[Any]) -> Row | None:
    """Returns the only row of a result, or None where there is none."""
    row = result.one_or_none()
    return None if row is None else dict(zip(result.keys(), row, strict=True))


def without(row: Row, *names: str) -> Row:
    """Returns a row without these columns."""
    return {name: value for name, value in row.items() if name not in names}
