"""Protocol Buffers on the wire, read with caps. Loaded in the child: nothing but the standard library.

Source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

Value = int | float | memoryview
Fields = dict[int, list[Value]]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_FIELDS = 20_000


def fields_of(encoded: memoryview) -> Fields:
    """Returns the values of each field of a message, in order; bytes are views.

    Raises:
        ValueError: it is no message, or has more fields than any of ours.
    """
    found = Fields()
    for count, (number, value) in enumerate(read_fields(encoded)):
        if count >= _MAX_FIELDS:
            raise ValueError("a message with too many fields")
        found.setdefault(number, []).append(value)
    return found


def views(fields: Fields, number: int) -> list[memoryview]:
    """Returns what a field has of bytes, texts and messages."""
    return [value for value in fields.get(number, ()) if isinstance(value, memoryview)]


def whole(fields: Fields, number: int, default: int = 0) -> int:
    """Returns the last whole number of a field."""
    found = [value for value in fields.get(number, ()) if isinstance(value, int)]
    return found[-1] if found else default


def text(fields: Fields, number: int) -> str:
    """Returns the last text of a field; empty where there is none."""
    found = views(fields, number)
    return str(found[-1], "utf-8") if found else ""


def wholes(fields: Fields, number: int, most: int = 64) -> list[int]:
    """Returns the whole numbers of a field, packed or not.

    Raises:
        ValueError: there are too many.
    """
    found = list[int]()
    for value in fields.get(number, ()):
        if isinstance(value, int):
            found.append(value)
        elif isinstance(value, memoryview):
            place = 0
            while place < len(value) and len(found) <= most:
                one, place = read_varint(value, place)
                found.append(one)
    if len(found) > most:
        raise ValueError("a list with too many numbers")
    return found


def read_fields(encoded: memoryview) -> Iterator[tuple[int, Value]]:
    """Yields number and value of each field of a message: whole numbers are signed, bytes are views.

    Raises:
        ValueError: it is no message.
    """
    place = 0
    while place < len(encoded):
        key, place = read_varint(encoded, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = read_varint(encoded, place)
            yield number, value
        elif kind == _BYTES:
            size, place = read_varint(encoded, place)
            if not 0 <= size <= len(encoded) - place:
                raise ValueError("a field that ends beyond its message")
            yield number, encoded[place : place + size]
            place += size
        elif kind in {_FIXED32, _FIXED64}:
            size = 4 if kind == _FIXED32 else 8
            if size > len(encoded) - place:
                raise ValueError("a field that ends beyond its message")
            [real] = struct.unpack_from("<f" if size == 4 else "<d", encoded, place)
            yield number, real
            place += size
        else:
            raise ValueError(f"a field of the kind {kind}")


def read_varint(encoded: memoryview, place: int) -> tuple[int, int]:
    """Returns a whole number, signed, and the place behind it.

    Raises:
        ValueError: it has no end.
    """
    value = shift = 0
    while True:
        if place >= len(encoded) or shift > 63:
            raise ValueError("a number without an end")
        byte = encoded[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            value &= (1 << 64) - 1
            return (value - (1 << 64) if value >> 63 else value), place
        shift += 7
