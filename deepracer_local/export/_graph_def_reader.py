"""Reading a frozen graph of TensorFlow back from its bytes, to run it without TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from deepracer_local.export._program import Array, Compute, Program, Step, average_pool, convolve, relu, softmax
from deepracer_local.export._protobuf import Message, read_message

_KINDS: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 3: np.dtype("<i4")}
_Attributes = Mapping[str, Message]


def read_graph_def(encoded: bytes | memoryview) -> Program:
    """Returns what ``model.pb`` says.

    Raises:
        ValueError: it is no graph, or has operations that none of our networks need.
    """
    inputs = dict[str, tuple[int, ...]]()
    constants = dict[str, Array]()
    steps = list[Step]()
    for node in read_message(encoded).messages(1):
        name, operation, sources = node.text(1), node.text(2), node.texts(3)
        attributes = {entry.text(1): entry.message(2) for entry in node.messages(5)}
        if operation == "Placeholder":
            inputs[name] = tuple(size.whole(1) for size in attributes["shape"].message(7).messages(2))[1:]
        elif operation == "Const":
            constants[name] = _array(attributes["value"].message(8))
        else:
            steps.append(Step(tuple(sources), name, _compute(operation, attributes)))
    return Program(inputs, constants, tuple(steps))


def _array(tensor: Message) -> Array:
    shape = tuple(size.whole(1) for size in tensor.message(2).messages(2))
    values: Array = np.frombuffer(tensor.view(4), _KINDS[tensor.whole(1)])
    if len(values) != math.prod(shape):
        raise ValueError(f"a constant of the shape {shape} has {len(values)} numbers")
    return values.reshape(shape)


def _compute(operation: str, attributes: _Attributes) -> Compute:
    simple: dict[str, Compute] = {
        "Mul": lambda v: v[0] * v[1],
        "Sub": lambda v: v[0] - v[1],
        "BiasAdd": lambda v: v[0] + v[1],
        "MatMul": lambda v: v[0] @ v[1],
        "Relu": lambda v: relu(v[0]),
        "Softmax": lambda v: softmax(v[0]),
        "Tanh": lambda v: np.tanh(v[0]),
        "Reshape": lambda v: v[0].reshape([int(size) for size in v[1]]),
        "ConcatV2": lambda v: np.concatenate(v[:-1], int(v[-1])),
    }
    if operation in simple:
        return simple[operation]
    if operation in {"Conv2D", "AvgPool"}:
        if attributes["padding"].text(2) != "VALID" or attributes["data_format"].text(2) != "NHWC":
            raise ValueError(f"{operation} with padding, or with channels before rows")
        stride = _side(attributes["strides"])
        if operation == "Conv2D" and _side(attributes["dilations"]) == 1:
            return lambda v: convolve(v[0], v[1], stride)
        if operation == "AvgPool" and _side(attributes["ksize"]) == stride:
            return lambda v: average_pool(v[0], stride)
    raise ValueError(f"the operation {operation} as none of our networks has it")


def _side(attribute: Message) -> int:
    batch, rows, columns, channels = attribute.message(1).wholes(3)
    if (batch, channels) != (1, 1) or rows != columns:
        raise ValueError("windows that are no squares")
    return rows
