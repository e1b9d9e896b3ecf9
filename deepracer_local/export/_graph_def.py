"""A network as a frozen graph of TensorFlow 1, the file that the physical car takes.

Only operations that a converter of 2021 knows, and one output, for that converter is told none and takes the first.

Source: the message definitions of TensorFlow 2.21 (``tensorflow/core/framework/*.proto``); the names of inputs and
output are those that the car's software looks for (reference, section 8.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from deepracer_local.export._protobuf import Field, content, joined, numbers, text, whole

_PRODUCER = 134
"""The version of the format that TensorFlow 1.15 wrote."""
_FLOAT, _INT32 = 1, 3
"""``DataType`` of ``types.proto``."""
_MAIN, _SAC = "main_level/agent/main/online", "main_level/agent/policy/online"


@dataclass(frozen=True, slots=True)
class CarNames:
    """The names of a graph's inputs, by sensor, and of its output."""

    inputs: tuple[str, ...]
    output: str


def car_names(network: LayeredNetwork, algorithm: str) -> CarNames:
    """Returns the names that the car's software expects of a graph that ``algorithm`` trained."""
    scope, head = (_SAC, "network_0/sac_policy_head_0") if algorithm == "sac" else (_MAIN, "network_1/ppo_head_0")
    sensors = [branch.sensor for branch in network.branches]
    return CarNames(tuple(f"{scope}/network_0/{name}/{name}" for name in sensors), f"{scope}/{head}/policy")


def write_graph_def(network: LayeredNetwork, names: CarNames) -> bytes:
    """Returns the graph as the content of ``model.pb``."""
    writer = _Writer()
    ends = list[str]()
    for branch, name in zip(network.branches, names.inputs, strict=True):
        shape = content(7, *(content(2, whole(1, size)) for size in (-1, *branch.shape)))
        writer.add(name, "Placeholder", [], {"dtype": whole(6, _FLOAT), "shape": shape})
        ends.append(writer.layers(branch.layers, after=name, scope=f"{name}_layers", last=None))
    end = ends[0]
    if len(ends) > 1:
        end = writer.concatenate(ends, f"{names.output}_layers/joined")
    writer.layers(network.trunk, after=end, scope=f"{names.output}_layers", last=names.output)
    return joined(*writer.nodes, content(4, whole(1, _PRODUCER)))


class _Writer:
    """Collects nodes, each a field 1 of the graph."""

    def __init__(self) -> None:
        self.nodes: list[Field] = []

    def add(self, name: str, operation: str, inputs: list[str], attributes: Mapping[str, Field]) -> str:
        fields = [text(1, name), text(2, operation), *(text(3, source) for source in inputs)]
        fields += [content(5, text(1, key), content(2, value)) for key, value in sorted(attributes.items())]
        self.nodes.append(content(1, *fields))
        return name

    def constant(self, name: str, value: Float32Array | npt.NDArray[np.int32]) -> str:
        kind = _INT32 if value.dtype == np.int32 else _FLOAT
        shape = content(2, *(content(2, whole(1, size)) for size in value.shape))
        tensor = content(8, whole(1, kind), shape, content(4, numbers(value, value.dtype.newbyteorder("<"))))
        return self.add(name, "Const", [], {"dtype": whole(6, kind), "value": tensor})

    def concatenate(self, sources: list[str], name: str) -> str:
        axis = self.constant(f"{name}/axis", np.array(1, np.int32))
        attributes = {"N": whole(3, len(sources)), "T": whole(6, _FLOAT), "Tidx": whole(6, _INT32)}
        return self.add(name, "ConcatV2", [*sources, axis], attributes)

    def layers(self, layers: tuple[Layer, ...], *, after: str, scope: str, last: str | None) -> str:
        """Adds nodes for layers in a row; the last one gets the name ``last``, if any. Returns its name."""
        end = after
        for i, layer in enumerate(layers):
            name = f"{scope}/{i}"
            end = self._layer(layer, end, name, last if last is not None and i == len(layers) - 1 else name)
        return end

    def _layer(self, layer: Layer, source: str, name: str, result: str) -> str:
        """Adds the nodes of a layer, of which the last is called ``result``."""
        kind = {"T": whole(6, _FLOAT)}
        layout = {"padding": content(2, b"VALID"), "data_format": content(2, b"NHWC")}
        match layer:
            case Scale(factor, offset):
                is_shifted = offset != 0.0
                unit = self.constant(f"{name}/factor", np.array(factor, np.float32))
                scaled = self.add(f"{name}/scaled" if is_shifted else result, "Mul", [source, unit], kind)
                if not is_shifted:
                    return scaled
                return self.add(
                    result, "Sub", [scaled, self.constant(f"{name}/offset", np.array(offset, np.float32))], kind
                )
            case AveragePool(side):
                sizes = {"ksize": _sizes(side), "strides": _sizes(side)}
                return self.add(result, "AvgPool", [source], kind | layout | sizes)
            case Convolution(weights, bias, stride):
                kernel = self.constant(f"{name}/weights", weights)
                sizes = {"strides": _sizes(stride), "dilations": _sizes(1)}
                convolved = self.add(f"{name}/convolved", "Conv2D", [source, kernel], kind | layout | sizes)
                return self._bias(convolved, bias, name, result)
            case Flatten(size):
                kinds = kind | {"Tshape": whole(6, _INT32)}
                shape = self.constant(f"{name}/shape", np.array([-1, size], np.int32))
                return self.add(result, "Reshape", [source, shape], kinds)
            case Dense(weights, bias):
                matrix = self.constant(f"{name}/weights", weights)
                turned = {"transpose_a": whole(5, 0), "transpose_b": whole(5, 0)}
                return self._bias(
                    self.add(f"{name}/product", "MatMul", [source, matrix], kind | turned), bias, name, result
                )
            case Relu() | Softmax() | Tanh():  # called there as here
                return self.add(result, type(layer).__name__, [source], kind)

    def _bias(self, source: str, bias: Float32Array, name: str, result: str) -> str:
        attributes = {"T": whole(6, _FLOAT), "data_format": content(2, b"NHWC")}
        return self.add(result, "BiasAdd", [source, self.constant(f"{name}/bias", bias)], attributes)


def _sizes(side: int) -> Field:
    """Returns a list attribute: so much in both directions of a picture, 1 over batch and channels."""
    return content(1, *(whole(3, size) for size in (1, side, side, 1)))
