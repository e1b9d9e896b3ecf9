"""A frozen graph of TensorFlow as data: which layers stand between its input and its output. Never run.

Loaded in the child. Source: ``tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape}.proto`` for the
fields; the names of input and output are the car's (reference, section 8.4).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np

from deepracer_local.interop._refusal import RefusedError, UnusableError, shown
from deepracer_local.interop._tensors import Float32Array, require_finite
from deepracer_local.interop._wire_format import Fields, fields_of, text, views, whole, wholes

_OUTPUT = re.compile(
    r"main_level/agent/(?:main/online/network_\d+/ppo_head_\d+|policy/online/network_\d+/sac_policy_head_\d+)/policy"
)
_INPUT = re.compile(r"main_level/agent/(?:main|policy)/online/network_\d+/([A-Za-z_]+)/\1")
_MAX_NODES = 4_000
_MAX_CHAIN = 200
_MAX_BRANCHES = 3
_FLOAT, _INT32, _INT64 = 1, 3, 9
_PASSED = frozenset({"Identity", "Reshape", "Squeeze", "StopGradient", "Relu", "Transpose"})
_ACTS = re.compile(
    r".*(?:File|PyFunc|Library|Dataset|Save|Restore|Checkpoint|Shard|Socket|Print|Rpc|Send|Recv|Record|Reader|Script|"
    r"Directory|Summary|Queue).*"
)
"""Operations that read, write or call something: no policy has one."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """A convolution (weights of four dimensions: rows, columns, in, out) or a dense layer (in, out)."""

    weights: Float32Array
    bias: Float32Array
    stride: int
    has_relu: bool


@dataclass(slots=True)
class Chain:
    """Layers in a row, from an input, or from where several are joined.

    Attributes:
        sensor: the name in its input; empty where others are joined.
        shape: of the input without the batch, as far as the graph says it.
        factor: what a grey level is multiplied with.
        offset: what is subtracted then.
        pool: side of the squares that are averaged first; 1 is none.
        layers: those with weights.
        end: what stands behind the last one: ``Softmax``, ``Tanh`` or nothing.
    """

    sensor: str = ""
    shape: tuple[int, ...] = ()
    factor: float = 1.0
    offset: float = 0.0
    pool: int = 1
    layers: list[Weighted] = field(default_factory=list)
    end: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether nothing is scaled or averaged first."""
        return (self.factor, self.offset, self.pool) == (1.0, 0.0, 1)


@dataclass(frozen=True, slots=True)
class Graph:
    """A policy.

    Attributes:
        branches: of each sensor; a single one leads to the output.
        trunk: from where several are joined, in this order, to the output; None for a single one.
        is_soft: whether its output is called as SAC's is.
    """

    branches: tuple[Chain, ...]
    trunk: Chain | None
    is_soft: bool


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    operation: str
    inputs: tuple[str, ...]
    attributes: dict[str, Fields]


def read_graph(encoded: bytearray | bytes, file: str) -> Graph:
    """Returns the layers of a frozen policy.

    Raises:
        RefusedError: it is no graph, or one that would do something.
        UnusableError: its policy is not made of layers that are known here.
    """
    try:
        nodes = _nodes(memoryview(encoded), file)
        output, is_soft = _output(nodes)
        trunk, joined = _follow(nodes, output, file)
        if not joined:
            return Graph((trunk,), None, is_soft)
        if not trunk.is_plain:
            raise UnusableError("it scales or averages behind its sensors")
        branches = [_follow(nodes, nodes[name], file) for name in joined]
        if any(further for _, further in branches):
            raise UnusableError("it joins its sensors in several steps")
        return Graph(tuple(branch for branch, _ in branches), trunk, is_soft)
    except (ValueError, KeyError, IndexError, ArithmeticError) as err:
        raise RefusedError(file, f"expected a frozen graph of TensorFlow, got: {shown(str(err))}") from None


def _nodes(encoded: memoryview, file: str) -> dict[str, _Node]:
    encodings = views(fields_of(encoded), 1)
    if not 1 <= len(encodings) <= _MAX_NODES:
        raise RefusedError(file, f"expected a graph of 1 to {_MAX_NODES} nodes, got {len(encodings)}")
    nodes = dict[str, _Node]()
    for one in encodings:
        fields = fields_of(one)
        attributes = {}
        for pair in views(fields, 5):
            entry = fields_of(pair)
            attributes[text(entry, 1)] = fields_of(views(entry, 2)[0]) if views(entry, 2) else Fields()
        inputs = tuple(str(source, "utf-8") for source in views(fields, 3) if bytes(source[:1]) != b"^")
        node = _Node(text(fields, 1), text(fields, 2), inputs, attributes)
        if _ACTS.fullmatch(node.operation):
            raise RefusedError(
                file, f"expected layers, got the operation {shown(node.operation)} in {shown(node.name)}, which acts"
            )
        nodes[node.name] = node
    return nodes


def _output(nodes: dict[str, _Node]) -> tuple[_Node, bool]:
    """Returns the policy's last node, and whether it is called as SAC's is."""
    found = [node for name, node in nodes.items() if _OUTPUT.fullmatch(name)]
    if len(found) != 1:
        raise UnusableError(
            "it has no output main_level/agent/main/online/network_1/ppo_head_0/policy and none of SAC's name, as the "
            "car's have"
        )
    return found[0], "/sac_policy_head_" in found[0].name


def _follow(nodes: dict[str, _Node], node: _Node, file: str) -> tuple[Chain, list[str]]:
    """Walks back to the input, or to where several are joined; returns the names of these then."""
    chain, bias, has_relu = Chain(), None, False
    for _ in range(_MAX_CHAIN):
        operation = node.operation
        if operation == "Placeholder":
            match = _INPUT.fullmatch(node.name)
            if match is None or not chain.layers or bias is not None or has_relu:
                raise UnusableError(f"its input is called {shown(node.name)}, which is no sensor's")
            chain.sensor, chain.shape = match[1], _shape_of(node)
            chain.layers.reverse()
            return chain, []
        if operation in {"ConcatV2", "Concat"}:
            if not chain.layers or bias is not None or has_relu:
                raise UnusableError(f"{shown(node.name)} joins something else than sensors")
            chain.layers.reverse()
            return chain, _joined(nodes, node, file)
        if operation in {"Conv2D", "MatMul"}:
            if not chain.is_plain:
                raise UnusableError("it scales or averages between its layers")
            weights = _constant(nodes, node.inputs[1], file)
            stride = _check_layer(node, weights)
            chain.layers.append(Weighted(weights, _bias_of(bias, weights), stride, has_relu))
            bias, has_relu = None, False
        elif operation in {"BiasAdd", "Add", "AddV2"} and bias is None:
            bias = _constant(nodes, node.inputs[1], file)
        elif operation in {"Mul", "RealDiv", "Sub"} and bias is None:
            _scale(chain, operation, _constant(nodes, node.inputs[1], file))
        elif operation == "AvgPool" and chain.pool == 1:
            chain.pool = _side(node, "ksize")
            if _side(node, "strides") != chain.pool:
                raise UnusableError("it averages squares that overlap")
        elif operation in {"Softmax", "Tanh"} and not (chain.layers or chain.end or has_relu) and bias is None:
            chain.end = operation
        elif operation in _PASSED:
            has_relu = has_relu or operation == "Relu"
            _check_passed(nodes, node, file)
        else:
            raise UnusableError(f"it has the operation {shown(operation)}, which none of the networks here has")
        node = nodes[_name(node.inputs[0])]
    raise UnusableError("it has more layers than any network here")


def _joined(nodes: dict[str, _Node], node: _Node, file: str) -> list[str]:
    """Returns what is put side by side."""
    *sources, last = node.inputs
    axis = last
    if node.operation == "Concat":
        axis, *sources = node.inputs
    if _constant(nodes, axis, file).reshape(-1).tolist() not in ([1.0], [-1.0]) or len(sources) > _MAX_BRANCHES:
        raise UnusableError(
            f"{shown(node.name)} joins something else than the numbers of up to {_MAX_BRANCHES} sensors"
        )
    return [_name(source) for source in sources]


def _shape_of(node: _Node) -> tuple[int, ...]:
    """Returns the shape of an input without the batch; nothing where the graph does not say it."""
    found = views(node.attributes.get("shape", Fields()), 7)
    sizes = [whole(fields_of(one), 1) for one in views(fields_of(found[0]), 2)[:5]] if found else []
    return tuple(sizes[1:]) if all(0 < size <= 1 << 20 for size in sizes[1:]) else ()


def _name(source: str) -> str:
    """Returns the name of the node that an input comes from."""
    return source.partition(":")[0]


def _scale(chain: Chain, operation: str, numbers: Float32Array) -> None:
    """Notes an operation before the ones that were noted already: x * factor - offset of what it returns."""
    if numbers.size != 1:
        raise UnusableError("it scales each number of its input otherwise")
    number = float(numbers.reshape(-1)[0])
    if operation == "Sub":
        chain.offset += chain.factor * number
    else:
        chain.factor *= 1.0 / number if operation == "RealDiv" else number


def _check_layer(node: _Node, weights: Float32Array) -> int:
    if node.operation == "MatMul":
        turned = (node.attributes.get(name, Fields()) for name in ("transpose_a", "transpose_b"))
        if weights.ndim != 2 or any(whole(fields, 5) for fields in turned):
            raise UnusableError(f"the weights of {shown(node.name)} are turned")
        return 1
    layout = node.attributes.get("data_format", Fields())
    if weights.ndim != 4 or text(node.attributes["padding"], 2) != "VALID" or text(layout, 2) not in {"", "NHWC"}:
        raise UnusableError(f"{shown(node.name)} has padding, or channels before rows")
    if "dilations" in node.attributes and _side(node, "dilations") != 1:
        raise UnusableError(f"{shown(node.name)} has holes in its kernel")
    return _side(node, "strides")


def _check_passed(nodes: dict[str, _Node], node: _Node, file: str) -> None:
    if node.operation != "Transpose":
        return
    order = nodes[_name(node.inputs[1])]
    if order.operation == "Const":
        numbers = _constant(nodes, order.name, file)
        if numbers.tolist() != list(range(len(numbers))):
            raise UnusableError(f"{shown(node.name)} turns its input")
    elif order.operation not in {"ConcatV2", "Pack"}:  # how a dense layer over a picture is written: no turn
        raise UnusableError(f"{shown(node.name)} turns its input")


def _bias_of(bias: Float32Array | None, weights: Float32Array) -> Float32Array:
    width = weights.shape[-1]
    found = np.zeros(width, np.float32) if bias is None else bias.reshape(-1)
    if len(found) != width:
        raise UnusableError(f"a layer of {width} numbers has a bias of {len(found)}")
    return found


def _constant(nodes: dict[str, _Node], name: str, file: str) -> Float32Array:
    """Returns a constant, behind any number of identities."""
    node = nodes[_name(name)]
    for _ in range(10):
        if node.operation != "Identity":
            break
        node = nodes[_name(node.inputs[0])]
    if node.operation != "Const":
        raise UnusableError(f"{shown(name)} is no constant: the graph is not frozen")
    tensor = fields_of(views(node.attributes["value"], 8)[0])
    kind = whole(tensor, 1)
    dimensions = [fields_of(one) for one in views(fields_of(views(tensor, 2)[0]), 2)] if views(tensor, 2) else []
    shape = tuple(whole(one, 1) for one in dimensions)
    if kind not in {_FLOAT, _INT32, _INT64} or len(shape) > 6 or any(not 0 <= size <= 1 << 28 for size in shape):
        raise UnusableError(f"{shown(name)} is no plain array of float32")
    count = math.prod(shape)
    content = views(tensor, 4)
    if content:
        numbers = np.frombuffer(content[-1], {_FLOAT: "<f4", _INT32: "<i4", _INT64: "<i8"}[kind])
    else:
        numbers = _few_numbers(tensor, kind, count)
    if len(numbers) != count:
        raise RefusedError(file, f"expected {count} numbers in {shown(name)}, got {len(numbers)}")
    if kind == _FLOAT:
        require_finite(numbers, name, file)
    return np.asarray(numbers, np.float32).reshape(shape)


def _few_numbers(tensor: Fields, kind: int, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Returns numbers that are written one by one; a single one may stand for all."""
    if kind == _FLOAT:
        packed = [np.frombuffer(one, "<f4") for one in views(tensor, 5)]
        single = [value for value in tensor.get(5, ()) if isinstance(value, float)]
        numbers = np.concatenate([*packed, np.array(single, np.float32)])
    else:
        numbers = np.array(wholes(tensor, 7 if kind == _INT32 else 10), np.float32)
    if len(numbers) == 1 and 1 < count <= 1 << 20:
        numbers = np.repeat(numbers, count)
    return numbers.astype(np.float32)


def _side(node: _Node, name: str) -> int:
    found = wholes(fields_of(views(node.attributes[name], 1)[0]), 3)
    if len(found) != 4 or found[0] != 1 or found[3] != 1 or found[1] != found[2] or not 1 <= found[1] <= 64:
        raise UnusableError(f"{shown(node.name)} steps over something else than squares")
    return found[1]
