"""The safetensors format, as strictly as it can be read, and written. Loaded in the child: numpy and no torch.

Source: the format's own description: eight bytes of length, a header in JSON, and the numbers without a gap.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from deepracer_local.interop._refusal import MAX_WEIGHTS_BYTES, RefusedError, shown

Float32Array = npt.NDArray[np.float32]
Shapes = dict[str, tuple[int, ...]]

_LENGTH = struct.Struct("<Q")
_MAX_HEADER_BYTES = 100_000
_MAX_TENSORS = 400
_MAX_DIMENSIONS = 6


def read_tensors(content: bytearray | bytes, file: str) -> dict[str, Float32Array]:
    """Returns the tensors of a file as views of its bytes; every number is finite.

    Raises:
        RefusedError: it is no such file, or holds something else than finite float32 numbers; names the tensor.
    """
    if len(content) < _LENGTH.size:
        raise RefusedError(file, "expected safetensors, got fewer than eight bytes")
    [size] = _LENGTH.unpack_from(content)
    if size > _MAX_HEADER_BYTES or _LENGTH.size + size > len(content):
        raise RefusedError(file, f"expected a header of at most {_MAX_HEADER_BYTES} bytes, got one of {size}")
    start = _LENGTH.size + size
    shapes = read_header(bytes(content[_LENGTH.size : start]), len(content) - start, file)
    tensors = dict[str, Float32Array]()
    for name, shape in shapes.items():
        count = math.prod(shape)
        tensors[name] = np.frombuffer(content, "<f4", count, start).reshape(shape)
        start += 4 * count
        require_finite(tensors[name], name, file)
    return tensors


def require_finite(numbers: Float32Array, name: str, file: str) -> None:
    """Raises RefusedError where a number is none."""
    flat = numbers.reshape(-1)
    for place in range(0, len(flat), 1 << 20):
        if not np.isfinite(flat[place : place + (1 << 20)]).all():
            raise RefusedError(file, f"expected finite weights, got NaN or infinity in {shown(name)}")


def read_header(header: bytes, n_bytes: int, file: str) -> Shapes:
    """Returns the shape of each tensor in the order of their bytes, which they share out without gap or overlap.

    Args:
        header: the JSON.
        n_bytes: how many bytes follow it.
        file: what to call it.

    Raises:
        RefusedError: it is no such header.
    """
    try:
        entries = json.loads(header, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as err:
        raise RefusedError(file, f"expected a header in JSON, got: {shown(str(err))}") from None
    if not isinstance(entries, dict):
        raise RefusedError(file, "expected a header that names tensors")
    entries.pop("__metadata__", None)
    if not 1 <= len(entries) <= _MAX_TENSORS:
        raise RefusedError(file, f"expected 1 to {_MAX_TENSORS} tensors, got {len(entries)}")
    placed = sorted(((name, *_entry(name, entry, file)) for name, entry in entries.items()), key=lambda e: (e[2], e[3]))
    shapes, free = Shapes(), 0
    for name, shape, begin, end in placed:
        if begin != free or end - begin != 4 * math.prod(shape):
            raise RefusedError(
                file,
                f"expected the bytes of {shown(name)} at {free}, {4 * math.prod(shape)} of them, got {begin}:{end}",
            )
        shapes[name], free = shape, end
    if free != n_bytes:
        raise RefusedError(file, f"expected {free} bytes of weights, got {n_bytes}")
    return shapes


def write_header(shapes: Mapping[str, tuple[int, ...]]) -> bytes:
    """Returns length and header of a file with these tensors, whose numbers follow in this order."""
    entries, free = {}, 0
    for name, shape in shapes.items():
        end = free + 4 * math.prod(shape)
        entries[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [free, end]}
        free = end
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return _LENGTH.pack(len(header)) + header


def _entry(name: str, entry: Any, file: str) -> tuple[tuple[int, ...], int, int]:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise RefusedError(file, f"expected dtype, shape and data_offsets of {shown(name)}, got something else")
    if entry["dtype"] != "F32":
        raise RefusedError(file, f"expected float32 numbers (F32), got {shown(str(entry['dtype']))} in {shown(name)}")
    shape, offsets = entry["shape"], entry["data_offsets"]
    is_shape = _are_counts(shape) and len(shape) <= _MAX_DIMENSIONS
    if not is_shape or not _are_counts(offsets) or len(offsets) != 2 or math.prod(shape) > MAX_WEIGHTS_BYTES:
        raise RefusedError(file, f"expected a shape and a place within the file, got others of {shown(name)}")
    return tuple(shape), offsets[0], offsets[1]


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 1 << 40 for value in values)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name that comes twice")
    return found
