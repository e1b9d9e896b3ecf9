"""Reading a TensorFlow Lite model back from its bytes, to run it without an interpreter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flatbuffers import number_types
from flatbuffers.table import Table

from deepracer_local.export._program import Array, Compute, Program, Step, average_pool, convolve, relu, softmax
from deepracer_local.export._tflite import FLOAT32, IDENTIFIER, INT32, VALID, Operator

_KINDS: dict[int, np.dtype[Any]] = {FLOAT32: np.dtype("<f4"), INT32: np.dtype("<i4")}


def read_tflite(encoded: bytes | memoryview) -> Program:
    """Returns what a TensorFlow Lite model says.

    Raises:
        ValueError: it is no model, or has operators that none of our networks need.
    """
    content = memoryview(encoded)
    if content[4:8] != IDENTIFIER:
        raise ValueError("no TensorFlow Lite model")
    model = _Fields(Table(content, int.from_bytes(content[:4], "little")))
    codes = [Operator(code.whole(3)) for code in model.tables(1)]
    [graph] = model.tables(2)
    buffers = model.tables(4)
    tensors = graph.tables(0)
    inputs = {tensors[i].text(3): tuple(tensors[i].wholes(0)[1:]) for i in graph.wholes(1)}
    constants = {t.text(3): _array(t, buffers[t.whole(2)]) for t in tensors if t.whole(2)}
    steps = list[Step]()
    for one in graph.tables(3):
        [result] = one.wholes(2)
        sources = tuple(tensors[i].text(3) for i in one.wholes(1))
        steps.append(Step(sources, tensors[result].text(3), _compute(codes[one.whole(0)], one.table(4))))
    if [tensors[i].text(3) for i in graph.wholes(2)] != list(Program(inputs, constants, tuple(steps)).outputs):
        raise ValueError("its output is not what its last operator makes")
    return Program(inputs, constants, tuple(steps))


class _Fields:
    """The fields of a table, by their places."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def whole(self, place: int, default: int = 0, *, flags: Any = number_types.Int32Flags) -> int:
        offset = self._table.Offset(4 + 2 * place)
        return int(self._table.Get(flags, self._table.Pos + offset)) if offset else default

    def byte(self, place: int) -> int:
        return self.whole(place, flags=number_types.Int8Flags)

    def text(self, place: int) -> str:
        return str(self._table.String(self._table.Pos + self._table.Offset(4 + 2 * place)), "utf-8")

    def wholes(self, place: int) -> list[int]:
        return [int(value) for value in np.frombuffer(self.view(place, 4), "<i4")]

    def view(self, place: int, item_bytes: int = 1) -> memoryview:
        offset = self._table.Offset(4 + 2 * place)
        if not offset:
            return memoryview(b"")
        start, length = self._table.Vector(offset), self._table.VectorLen(offset)
        view: memoryview = self._table.Bytes[start : start + length * item_bytes]
        return view

    def table(self, place: int) -> _Fields:
        """Returns the table of a field; one without fields where there is none."""
        offset = self._table.Offset(4 + 2 * place)
        if not offset:
            return _NO_FIELDS
        return _Fields(Table(self._table.Bytes, self._table.Indirect(self._table.Pos + offset)))

    def tables(self, place: int) -> list[_Fields]:
        offset = self._table.Offset(4 + 2 * place)
        if not offset:
            return []
        start = self._table.Vector(offset)
        return [
            _Fields(Table(self._table.Bytes, self._table.Indirect(start + 4 * i)))
            for i in range(self._table.VectorLen(offset))
        ]


_NO_FIELDS = _Fields(Table(memoryview(b"\4\0\0\0\4\0\0\0"), 4))


def _array(tensor: _Fields, buffer: _Fields) -> Array:
    shape = tuple(tensor.wholes(0))
    values: Array = np.frombuffer(buffer.view(0), _KINDS[tensor.byte(1)])
    if len(values) != math.prod(shape):
        raise ValueError(f"a constant of the shape {shape} has {len(values)} numbers")
    return values.reshape(shape)


def _compute(operator: Operator, options: _Fields) -> Compute:
    simple: dict[Operator, Compute] = {
        Operator.MUL: lambda v: v[0] * v[1],
        Operator.SUB: lambda v: v[0] - v[1],
        Operator.FULLY_CONNECTED: lambda v: v[0] @ v[1].T + v[2],
        Operator.RELU: lambda v: relu(v[0]),
        Operator.SOFTMAX: lambda v: softmax(v[0]),
        Operator.TANH: lambda v: np.tanh(v[0]),
        Operator.RESHAPE: lambda v: v[0].reshape([int(size) for size in v[1]]),
        Operator.CONCATENATION: lambda v: np.concatenate(v, options.whole(0)),
    }
    if operator in simple:
        return simple[operator]
    columns, rows = options.whole(1), options.whole(2)
    if options.byte(0) == VALID and rows == columns:
        if operator is Operator.CONV:
            return lambda v: convolve(v[0], v[1].transpose(1, 2, 3, 0), rows) + v[2]
        if (options.whole(3), options.whole(4)) == (rows, rows):
            return lambda v: average_pool(v[0], rows)
    raise ValueError(f"the operator {operator.name} as none of our networks has it")
