"""A network as a TensorFlow Lite model.

Source: ``tensorflow/lite/schema/schema.fbs``, version 3; the numbers below are places in its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt

from deepracer_local.domain.layers import (
    AveragePool,
    Convolution,
    Dense,
    Flatten,
    Layer,
    LayeredNetwork,
    Relu,
    Scale,
    Softmax,
    Tanh,
)

IDENTIFIER = b"TFL3"


class Operator(IntEnum):
    """``BuiltinOperator``: those that our networks need."""

    AVERAGE_POOL = 1
    CONCATENATION = 2
    CONV = 3
    FULLY_CONNECTED = 9
    MUL = 18
    RELU = 19
    RESHAPE = 22
    SOFTMAX = 25
    TANH = 28
    SUB = 41


FLOAT32, INT32 = 0, 2
"""``TensorType``."""
VALID = 1
"""``Padding``."""
_OPTIONS = {
    Operator.CONV: 1,
    Operator.AVERAGE_POOL: 5,
    Operator.FULLY_CONNECTED: 8,
    Operator.SOFTMAX: 9,
    Operator.CONCATENATION: 10,
    Operator.RESHAPE: 17,
    Operator.MUL: 21,
    Operator.SUB: 28,
}
"""``BuiltinOptions``: the table that belongs to each operator."""
_Options = list[tuple[int, str, int | float]]
"""Fields of a table of options: place, kind and value."""


def write_tflite(network: LayeredNetwork, inputs: Sequence[str], output: str) -> bytes:
    """Returns the model, which takes one picture at a time.

    Args:
        network: the layers.
        inputs: the name of each branch's input.
        output: the name of the output.
    """
    model = _Model()
    ends = list[int]()
    for branch, name in zip(network.branches, inputs, strict=True):
        source = model.tensor(name, (1, *branch.shape))
        model.inputs.append(source)
        ends.append(model.layers(branch.layers, source, name))
    end = ends[0]
    if len(ends) > 1:
        size = sum(model.shapes[one][1] for one in ends)
        end = model.operate(
            Operator.CONCATENATION, ends, f"{output}/joined", (1, size), [(0, "int", 1), (1, "byte", 0)]
        )
    end = model.layers(network.trunk, end, output, last=output)
    return model.encode(end)


class _Model:
    """Collects tensors and operators; they become a file back to front, as the format wants it."""

    def __init__(self) -> None:
        self.inputs: list[int] = []
        self.shapes: list[tuple[int, ...]] = []
        self._names: list[str] = []
        self._contents: list[npt.NDArray[Any] | None] = []
        self._operators: list[tuple[Operator, list[int], int, _Options]] = []

    def tensor(self, name: str, shape: tuple[int, ...], content: npt.NDArray[Any] | None = None) -> int:
        self._names.append(name)
        self.shapes.append(shape)
        self._contents.append(content)
        return len(self._names) - 1

    def constant(self, name: str, value: npt.NDArray[Any]) -> int:
        return self.tensor(name, value.shape, np.ascontiguousarray(value, value.dtype.newbyteorder("<")))

    def operate(
        self, operator: Operator, inputs: list[int], name: str, shape: tuple[int, ...], options: _Options
    ) -> int:
        result = self.tensor(name, shape)
        self._operators.append((operator, inputs, result, options))
        return result

    def layers(self, layers: tuple[Layer, ...], end: int, scope: str, last: str | None = None) -> int:
        """Adds operators for layers in a row; the result of the last is called ``last``, if that is given."""
        for i, layer in enumerate(layers):
            name = f"{scope}/{i}"
            end = self._layer(layer, end, name, last if last is not None and i == len(layers) - 1 else name)
        return end

    def _layer(self, layer: Layer, source: int, name: str, result: str) -> int:
        shape = self.shapes[source]
        plain: _Options = [(0, "byte", 0)]
        match layer:
            case Scale(factor, offset):
                unit = self.constant(f"{name}/factor", np.array(factor, np.float32))
                shift = self.constant(f"{name}/offset", np.array(offset, np.float32))
                scaled = self.operate(Operator.MUL, [source, unit], f"{name}/scaled", shape, plain)
                return self.operate(Operator.SUB, [scaled, shift], result, shape, plain)
            case AveragePool(side):
                sizes: _Options = [(place, "int", side) for place in (1, 2, 3, 4)]
                smaller = (1, shape[1] // side, shape[2] // side, shape[3])
                return self.operate(Operator.AVERAGE_POOL, [source], result, smaller, [(0, "byte", VALID), *sizes])
            case Convolution(weights, bias, stride):
                kernel = self.constant(f"{name}/weights", weights.transpose(3, 0, 1, 2))
                after = ((size - width) // stride + 1 for size, width in zip(shape[1:3], weights.shape, strict=False))
                strides: _Options = [(place, "int", size) for place, size in ((1, stride), (2, stride), (4, 1), (5, 1))]
                strides.append((0, "byte", VALID))
                inputs = [source, kernel, self.constant(f"{name}/bias", bias)]
                return self.operate(
                    Operator.CONV, inputs, result, (1, *after, len(bias)), [(0, "byte", VALID), *strides]
                )
            case Flatten(size):
                row = self.constant(f"{name}/shape", np.array([-1, size], np.int32))
                return self.operate(Operator.RESHAPE, [source, row], result, (1, size), [])
            case Dense(weights, bias):
                inputs = [source, self.constant(f"{name}/weights", weights.T), self.constant(f"{name}/bias", bias)]
                return self.operate(Operator.FULLY_CONNECTED, inputs, result, (1, len(bias)), plain)
            case Relu():
                return self.operate(Operator.RELU, [source], result, shape, [])
            case Softmax():
                return self.operate(Operator.SOFTMAX, [source], result, shape, [(0, "float", 1.0)])
            case Tanh():
                return self.operate(Operator.TANH, [source], result, shape, [])

    def encode(self, output: int) -> bytes:
        """Returns the file."""
        size = sum(content.nbytes for content in self._contents if content is not None)
        builder = flatbuffers.Builder(size + 65_536)
        codes = sorted({operator for operator, _, _, _ in self._operators})
        # Buffer 0 is empty by convention, that of every tensor without content.
        with_content = [i for i, content in enumerate(self._contents) if content is not None]
        buffers = [_table(builder, []), *(_buffer(builder, self._contents[i]) for i in with_content)]
        buffer_of = {i: place for place, i in enumerate(with_content, 1)}
        tensors = [self._tensor(builder, i, buffer_of.get(i, 0)) for i in range(len(self._names))]
        operators = [
            _operator(builder, codes.index(operator), operator, inputs, result, options)
            for operator, inputs, result, options in self._operators
        ]
        vectors = [
            _offsets(builder, tensors),
            _ints(builder, self.inputs),
            _ints(builder, [output]),
            _offsets(builder, operators),
            builder.CreateString("policy"),
        ]
        subgraph = _table(builder, [(place, "offset", vector) for place, vector in enumerate(vectors)])
        known = [_table(builder, [(0, "byte", code), (2, "int", 1), (3, "int", code)]) for code in codes]
        parts = [_offsets(builder, known), _offsets(builder, [subgraph]), builder.CreateString("deepracer_local")]
        parts.append(_offsets(builder, buffers))
        root = _table(builder, [(0, "int", 3), *((place, "offset", part) for place, part in enumerate(parts, 1))])
        builder.Finish(root, file_identifier=IDENTIFIER)
        return bytes(builder.Output())

    def _tensor(self, builder: Any, i: int, buffer: int) -> int:
        content = self._contents[i]
        kind = INT32 if content is not None and content.dtype == np.int32 else FLOAT32
        shape, name = _ints(builder, self.shapes[i]), builder.CreateString(self._names[i])
        return _table(builder, [(0, "offset", shape), (1, "byte", kind), (2, "int", buffer), (3, "offset", name)])


def _operator(
    builder: Any, code_index: int, operator: Operator, inputs: Sequence[int], result: int, options: _Options
) -> int:
    sources, results = _ints(builder, inputs), _ints(builder, [result])
    fields: _Options = [(0, "int", code_index), (1, "offset", sources), (2, "offset", results)]
    if operator in _OPTIONS:
        fields += [(3, "byte", _OPTIONS[operator]), (4, "offset", _table(builder, options))]
    return _table(builder, fields)


def _table(builder: Any, fields: _Options) -> int:
    builder.StartObject(1 + max((place for place, _, _ in fields), default=-1))
    for place, kind, value in fields:
        if kind == "offset":
            builder.PrependUOffsetTRelativeSlot(place, value, 0)
        elif kind == "byte":
            builder.PrependInt8Slot(place, value, None)
        elif kind == "float":
            builder.PrependFloat32Slot(place, value, None)
        else:
            builder.PrependInt32Slot(place, value, None)
    return int(builder.EndObject())


def _buffer(builder: Any, content: npt.NDArray[Any] | None) -> int:
    assert content is not None
    builder.StartVector(1, content.nbytes, 16)
    builder.head -= content.nbytes
    builder.Bytes[builder.head : builder.head + content.nbytes] = content.tobytes()
    return _table(builder, [(0, "offset", builder.EndVector())])


def _ints(builder: Any, values: Sequence[int]) -> int:
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        builder.PrependInt32(value)
    return int(builder.EndVector())


def _offsets(builder: Any, values: Sequence[int]) -> int:
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        builder.PrependUOffsetTRelative(value)
    return int(builder.EndVector())
