"""Protocol Buffers on the wire: as much of them as a graph of layers needs, written and read.

A message is a row of fields, each a number with its kind and a value; a nested message is the bytes of its fields. They
are read with the reader of imports, which trusts nothing.
Source: protobuf.dev, "Encoding". Unlike with the official library nothing is left out for being empty: OpenVINO takes a
number whose shape, an empty message, is missing for 0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepracer_local.interop import read_fields, read_varint

_VARINT, _BYTES, _FIXED32 = 0, 2, 5

Piece = bytes | memoryview
Field = tuple[Piece, ...]
"""A field in pieces, in order. Weights of a hundred megabytes lie in message within message, and are copied once."""


def joined(*fields: Field) -> bytes:
    """Returns the message that has these fields."""
    return b"".join(piece for field in fields for piece in field)


def numbers(values: npt.NDArray[Any], kind: np.dtype[Any]) -> memoryview:
    """Returns the bytes of an array's numbers, row by row; a view where they are of that kind already."""
    return np.ascontiguousarray(values, kind).reshape(-1).data.cast("B")


def whole(number: int, value: int) -> Field:
    """Returns a field that holds a whole number: 64 bits, negative ones in two's complement."""
    return (_varint(number << 3 | _VARINT) + _varint(value & (1 << 64) - 1),)


def single(number: int, value: float) -> Field:
    """Returns a field that holds a float32."""
    return (_varint(number << 3 | _FIXED32) + struct.pack("<f", value),)


def content(number: int, *parts: Piece | Field) -> Field:
    """Returns a field that holds bytes, or a message given as its fields."""
    pieces = [piece for part in parts for piece in (part if isinstance(part, tuple) else (part,))]
    length = sum(len(piece) for piece in pieces)
    return (_varint(number << 3 | _BYTES) + _varint(length), *pieces)


def text(number: int, value: str) -> Field:
    """Returns a field that holds text."""
    return content(number, value.encode())


@dataclass(frozen=True, slots=True)
class Message:
    """The fields of a message that was read, in order; bytes are views of what it was read from."""

    fields: tuple[tuple[int, int | float | memoryview], ...]

    def whole(self, number: int) -> int:
        """Returns the last whole number of a field; 0 where there is none."""
        return next((value for value in reversed(self.wholes(number))), 0)

    def wholes(self, number: int) -> list[int]:
        """Returns the whole numbers of a field, signed; those that are packed into bytes too."""
        found = list[int]()
        for value in self._of(number):
            if isinstance(value, int):
                found.append(value)
            elif isinstance(value, memoryview):
                position = 0
                while position < len(value):
                    one, position = read_varint(value, position)
                    found.append(one)
        return found

    def single(self, number: int) -> float:
        """Returns the float32 of a field; 0 where there is none."""
        return next((value for value in self._of(number) if isinstance(value, float)), 0.0)

    def view(self, number: int) -> memoryview:
        """Returns the bytes of a field; none where there is none."""
        return next((value for value in self._of(number) if isinstance(value, memoryview)), memoryview(b""))

    def text(self, number: int) -> str:
        """Returns the text of a field."""
        return str(self.view(number), "utf-8")

    def texts(self, number: int) -> list[str]:
        """Returns every text of a field."""
        return [str(value, "utf-8") for value in self._of(number) if isinstance(value, memoryview)]

    def messages(self, number: int) -> list[Message]:
        """Returns every message of a field."""
        return [read_message(value) for value in self._of(number) if isinstance(value, memoryview)]

    def message(self, number: int) -> Message:
        """Returns the message of a field; an empty one where there is none."""
        return read_message(self.view(number))

    def _of(self, number: int) -> list[int | float | memoryview]:
        return [value for found, value in self.fields if found == number]


def read_message(encoded: bytes | memoryview) -> Message:
    """Returns the fields of a message.

    Raises:
        ValueError: it is no message.
    """
    return Message(tuple(read_fields(memoryview(encoded))))


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
