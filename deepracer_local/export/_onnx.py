"""A network as an ONNX model: written, and read back to run it without an ONNX runtime.

Inputs are pictures as everywhere here, (rows, columns, channels); ONNX wants channels first, so the graph turns them.

Source: ``onnx/onnx.proto`` and the operators of opset 13, which every runtime since 2020 knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from deepracer_local.domain.layers import (
    AveragePool,
    Convolution,
    Dense,
    Flatten,
    Float32Array,
    Layer,
    LayeredNetwork,
    Relu,
    Scale,
    Softmax,
    Tanh,
)
from deepracer_local.export._program import Array, Compute, Program, Step, average_pool, convolve, relu, softmax
from deepracer_local.export._protobuf import Field, Message, content, joined, numbers, read_message, text, whole

OUTPUT = "policy"
_IR_VERSION, _OPSET = 7, 13
_FLOAT, _INT64 = 1, 7
"""``TensorProto.DataType``."""
_INT, _INTS = 2, 7
"""``AttributeProto.AttributeType``."""
_KINDS: dict[int, np.dtype[Any]] = {_FLOAT: np.dtype("<f4"), _INT64: np.dtype("<i8")}
_CHANNELS_FIRST, _CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)
_Attributes = Mapping[str, int | Sequence[int]]


def write_onnx(network: LayeredNetwork) -> bytes:
    """Returns the model; its inputs are called as the sensors are, its output ``policy``."""
    graph = _Graph()
    ends = [graph.layers(branch.layers, branch.sensor, branch.sensor) for branch in network.branches]
    end = graph.node("Concat", ends, "joined", {"axis": 1}) if len(ends) > 1 else ends[0]
    graph.layers(network.trunk, end, OUTPUT, last=OUTPUT)
    inputs = [content(11, _value(branch.sensor, branch.shape)) for branch in network.branches]
    output = content(12, _value(OUTPUT, (network.output_size,)))
    return joined(
        whole(1, _IR_VERSION),
        text(2, "deepracer_local"),
        content(7, *graph.nodes, text(2, "policy"), *graph.constants, *inputs, output),
        content(8, text(1, ""), whole(2, _OPSET)),
    )


def read_onnx(encoded: bytes | memoryview) -> Program:
    """Returns what an ONNX model says.

    Raises:
        ValueError: it is no model, or has operations that none of our networks need.
    """
    graph = read_message(encoded).message(7)
    constants = {tensor.text(8): _array(tensor) for tensor in graph.messages(5)}
    inputs = {}
    for value in graph.messages(11):
        shape = value.message(2).message(1).message(2)
        inputs[value.text(1)] = tuple(size.whole(1) for size in shape.messages(1))[1:]
    steps = [
        Step(tuple(node.texts(1)), node.text(2), _compute(node.text(4), {a.text(1): a for a in node.messages(5)}))
        for node in graph.messages(1)
    ]
    return Program(inputs, constants, tuple(steps))


class _Graph:
    """Collects nodes and constants as fields of the graph."""

    def __init__(self) -> None:
        self.nodes: list[Field] = []
        self.constants: list[Field] = []

    def node(
        self,
        operation: str,
        inputs: list[str],
        output: str,
        attributes: Mapping[str, int | Sequence[int]] | None = None,
    ) -> str:
        fields = [*(text(1, name) for name in inputs), text(2, output), text(3, output), text(4, operation)]
        for name, value in (attributes or {}).items():
            if isinstance(value, int):
                fields.append(content(5, text(1, name), whole(3, value), whole(20, _INT)))
            else:
                fields.append(content(5, text(1, name), *(whole(8, one) for one in value), whole(20, _INTS)))
        self.nodes.append(content(1, *fields))
        return output

    def constant(self, name: str, value: Float32Array | npt.NDArray[np.int64]) -> str:
        kind = _INT64 if value.dtype == np.int64 else _FLOAT
        sizes = [whole(1, size) for size in value.shape]
        values = content(9, numbers(value, _KINDS[kind]))
        self.constants.append(content(5, *sizes, whole(2, kind), text(8, name), values))
        return name

    def layers(self, layers: tuple[Layer, ...], end: str, scope: str, last: str | None = None) -> str:
        """Adds nodes for layers in a row, the last of which is called ``last``, if that is given; returns its name."""
        is_picture = any(isinstance(layer, Flatten) for layer in layers)
        if is_picture:
            end = self.node("Transpose", [end], f"{scope}/channels_first", {"perm": _CHANNELS_FIRST})
        for i, layer in enumerate(layers):
            name = f"{scope}/{i}"
            end = self._layer(layer, end, name, last if last is not None and i == len(layers) - 1 else name)
        return end

    def _layer(self, layer: Layer, source: str, name: str, result: str) -> str:
        match layer:
            case Scale(factor, offset):
                unit = self.constant(f"{name}/factor", np.array(factor, np.float32))
                shift = self.constant(f"{name}/offset", np.array(offset, np.float32))
                return self.node("Sub", [self.node("Mul", [source, unit], f"{name}/scaled"), shift], result)
            case AveragePool(side):
                return self.node(
                    "AveragePool", [source], result, {"kernel_shape": (side, side), "strides": (side, side)}
                )
            case Convolution(weights, bias, stride):
                kernel = self.constant(f"{name}/weights", weights.transpose(3, 2, 0, 1))
                sizes = {"kernel_shape": weights.shape[:2], "strides": (stride, stride)}
                return self.node("Conv", [source, kernel, self.constant(f"{name}/bias", bias)], result, sizes)
            case Flatten(size):
                shape = self.constant(f"{name}/shape", np.array([-1, size], np.int64))
                turned = self.node("Transpose", [source], f"{name}/channels_last", {"perm": _CHANNELS_LAST})
                return self.node("Reshape", [turned, shape], result)
            case Dense(weights, bias):
                matrix = self.constant(f"{name}/weights", weights)
                return self.node("Gemm", [source, matrix, self.constant(f"{name}/bias", bias)], result)
            case Relu():
                return self.node("Relu", [source], result)
            case Softmax():
                return self.node("Softmax", [source], result, {"axis": -1})
            case Tanh():
                return self.node("Tanh", [source], result)


def _value(name: str, shape: tuple[int, ...]) -> Field:
    """Returns the description of an input or output: any number of float32 arrays of a shape."""
    sizes = [content(1, text(2, "batch")), *(content(1, whole(1, size)) for size in shape)]
    return text(1, name) + content(2, content(1, whole(1, _FLOAT), content(2, *sizes)))


def _array(tensor: Message) -> Array:
    shape = tuple(tensor.wholes(1))
    values: Array = np.frombuffer(tensor.view(9), _KINDS[tensor.whole(2)])
    if len(values) != math.prod(shape):
        raise ValueError(f"a constant of the shape {shape} has {len(values)} numbers")
    return values.reshape(shape)


def _compute(operation: str, attributes: Mapping[str, Message]) -> Compute:
    simple: dict[str, Compute] = {
        "Mul": lambda v: v[0] * v[1],
        "Sub": lambda v: v[0] - v[1],
        "Gemm": lambda v: v[0] @ v[1] + v[2],
        "Relu": lambda v: relu(v[0]),
        "Softmax": lambda v: softmax(v[0]),
        "Tanh": lambda v: np.tanh(v[0]),
        "Reshape": lambda v: v[0].reshape([int(size) for size in v[1]]),
        "Concat": lambda v: np.concatenate(v, attributes["axis"].whole(3)),
        "Transpose": lambda v: v[0].transpose(attributes["perm"].wholes(8)),
    }
    if operation in simple:
        return simple[operation]
    if operation in {"Conv", "AveragePool"}:
        rows, columns = attributes["strides"].wholes(8)
        if rows == columns and operation == "Conv":
            return lambda v: _first(convolve(_last(v[0]), v[1].transpose(2, 3, 1, 0), rows) + v[2])
        if rows == columns and attributes["kernel_shape"].wholes(8) == [rows, rows]:
            return lambda v: _first(average_pool(_last(v[0]), rows))
    raise ValueError(f"the operation {operation} as none of our networks has it")


def _last(pictures: Array) -> Array:
    return np.ascontiguousarray(pictures.transpose(_CHANNELS_LAST))


def _first(pictures: Array) -> Array:
    return pictures.transpose(_CHANNELS_FIRST)
