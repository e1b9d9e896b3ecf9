"""Types of request fields that several routes share, and names made into what they name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Header
from pydantic import AfterValidator, Field, StringConstraints

from deepracer_local.api._services import Services
from deepracer_local.errors import FieldError, SpecError, TrackError, UnknownNameError
from deepracer_local.track import Track

_TRACK_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$"


def _whole(text: str) -> str:
    """Returns ``text`` if files and databases can hold it: no U+0000, no half of a surrogate pair."""
    if "\x00" in text:
        raise ValueError("expected text without the character U+0000")
    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise ValueError(f"expected whole characters, got half a pair at {err.start}") from err
    return text


def _plain(value: Any) -> Any:
    """Returns a JSON value if it can be written down again as it came."""
    try:
        _whole(json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\\u0000", "\x00"))
    except RecursionError as err:
        raise ValueError("expected a value that is nested less deeply") from err
    return value


Text = Annotated[str, AfterValidator(_whole)]
JsonValue = Annotated[Any, AfterValidator(_plain)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
TrackName = Annotated[str, Field(pattern=_TRACK_NAME, description="a name that GET /tracks lists")]
"""A name and never a path: paths are for the command line, which reads its user's own files."""
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=200, description="the same key submits once, whatever the network does")
]


def is_track_name(name: str) -> bool:
    """Tells whether ``name`` can be a track's name."""
    return re.fullmatch(_TRACK_NAME, name) is not None


def file_name(name: str) -> str:
    """Returns ``name`` without anything that a header or a file system could stumble on."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)


def track_named(name: str, services: Services) -> Track:
    """Returns the track of a request's field ``track``.

    Raises:
        SpecError: there is none, or it cannot be used as asked.
    """
    if not is_track_name(name):
        raise SpecError(f"track: expected a track's name, got {name!r}. GET /tracks lists them.", field="track")
    with naming("track"):
        return services.tracks.get(name)


@contextmanager
def naming(field: str) -> Iterator[None]:
    """Gives errors of the rooms below the name of the request's field that caused them."""
    try:
        yield
    except (FieldError, UnknownNameError, TrackError) as err:
        raise SpecError(f"{field}: {err}", field=field) from err


@contextmanager
def below(field: str) -> Iterator[None]:
    """Puts ``field`` before the field that an error names: the place in the file becomes a place in the request."""
    try:
        yield
    except FieldError as err:
        raise SpecError(str(err), field=f"{field}.{err.field}".rstrip(".")) from err
