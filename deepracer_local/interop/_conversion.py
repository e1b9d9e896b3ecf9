"""From the layers of a frozen graph to the tensors of a checkpoint here. Loaded in the child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepracer_local.interop._graph import Chain, Graph, Weighted
from deepracer_local.interop._layers import (
    CAMERAS,
    HEIGHT_PX,
    NETWORKS,
    PPO,
    SAC,
    WIDTH_PX,
    Form,
    Row,
    Sensor,
    Tower,
    copies,
    expected_shapes,
)
from deepracer_local.interop._refusal import UnusableError, shown
from deepracer_local.interop._tensors import Float32Array


@dataclass(frozen=True, slots=True)
class Converted:
    """A policy in this program's terms.

    Attributes:
        tensors: of a checkpoint, with what a frozen graph does not have.
        form: what they are.
    """

    tensors: dict[str, Float32Array]
    form: Form


def convert(graph: Graph) -> Converted:
    """Returns the checkpoint that gives the actions of a frozen policy.

    A frozen graph has nothing that judges, no optimiser and, of continuous actions, no spread: those begin anew.

    Raises:
        UnusableError: it is none of the networks that are known here; says by what.
    """
    last = graph.branches[0] if graph.trunk is None else graph.trunk
    n_outputs = last.layers[-1].weights.shape[-1]
    is_continuous = last.end != "Softmax"
    if (is_continuous and n_outputs != 2) or (graph.is_soft != (last.end == "Tanh") and last.end):
        raise UnusableError(
            f"it answers with {n_outputs} numbers, which are neither probabilities nor the two of a continuous action"
        )
    branches = sorted(graph.branches, key=lambda branch: branch.sensor)
    sensors = tuple(_sensor(branch) for branch in branches)
    form = _matching(graph, branches, sensors, n_outputs=n_outputs, is_continuous=is_continuous)
    tower = form.towers()[0]
    known = _policy(graph, branches, tower)
    shapes = expected_shapes(form)
    if NETWORKS[form.network].is_shared and form.algorithm == PPO:
        for name in [name for name in known if name.startswith("pi_features_extractor.")]:
            known[name.replace("pi_", "vf_", 1)] = known[name]
    twins = copies(shapes)
    random = np.random.default_rng(0)
    found = {
        name: known[name] if name in known else _fresh(random, name, shape)
        for name, shape in shapes.items()
        if name not in twins
    }
    found |= {name: found[twin] for name, twin in twins.items()}
    return Converted({name: found[name] for name in shapes}, form)


def _sensor(branch: Chain) -> Sensor:
    """Returns what a branch reads; the first layer says what the input does not."""
    first = branch.layers[0].weights
    if branch.sensor in CAMERAS:
        rows, columns = branch.shape[:2] if len(branch.shape) == 3 else (HEIGHT_PX, WIDTH_PX)
        return Sensor(branch.sensor, (rows, columns, first.shape[2] if first.ndim == 4 else 0))
    return Sensor(branch.sensor, (first.shape[0],))


def _matching(
    graph: Graph, branches: Sequence[Chain], sensors: tuple[Sensor, ...], *, n_outputs: int, is_continuous: bool
) -> Form:
    """Returns what the layers of a graph are."""
    given = [[_plain(layer) for layer in chain.layers] for chain in branches]
    trunk = [] if graph.trunk is None else [_plain(layer) for layer in graph.trunk.layers]
    reason = ""
    for network in NETWORKS:
        form = Form(network, SAC if graph.is_soft else PPO, sensors, graph.trunk is None, n_outputs, is_continuous)
        try:
            form.require_possible()
        except ValueError as err:
            reason = f"it is no network of this program: {err}"
            continue
        tower = form.towers()[0]
        wanted = [_wanted(row) for row in tower.sensors]
        behind = [one for row in (*tower.joined, *tower.answers[0]) for one in _wanted(row)]
        if graph.trunk is None:
            wanted, behind = [wanted[0] + behind], []
        if (wanted, behind) == (given, trunk):
            for branch, row in zip(branches, tower.sensors, strict=True):
                _check_scale(branch, row, network)
            _check_activations(graph, network)
            try:
                form.require_size()
            except ValueError as err:
                raise UnusableError(f"it is a {network}: {err}") from None
            return form
    chains = [*branches, graph.trunk] if graph.trunk is not None else list(branches)
    layers = ("x".join(map(str, layer.weights.shape)) for chain in chains for layer in chain.layers)
    raise UnusableError(reason or f"its layers ({shown(', '.join(layers))}) are none of {', '.join(NETWORKS)}")


def _check_scale(branch: Chain, row: Row, network: str) -> None:
    layers, is_picture = row.layers, len(row.shape) == 3
    pool = layers.pool if is_picture else 1
    factor, offset = (1.0 / layers.unit, layers.black / layers.unit) if is_picture else (1.0, 0.0)
    if branch.pool != pool or not np.allclose([branch.factor, branch.offset], [factor, offset], 1e-4, 1e-6):
        raise UnusableError(
            f"it is a {network} that scales what {branch.sensor} gives otherwise: by {branch.factor:g} less "
            f"{branch.offset:g} over squares of {branch.pool}, expected {factor:g} less {offset:g} over squares of "
            f"{pool}"
        )


def _check_activations(graph: Graph, network: str) -> None:
    layers = [layer for branch in graph.branches for layer in branch.layers]
    if graph.trunk is not None:
        layers += graph.trunk.layers
    if not all(layer.has_relu for layer in layers[:-1]) or layers[-1].has_relu:
        raise UnusableError(f"it is a {network} with another activation than ReLU behind each layer but the last")


def _plain(layer: Weighted) -> tuple[int, ...]:
    """Returns a layer's form; a dense one over every place of a picture is a convolution of one pixel."""
    shape: tuple[int, ...] = layer.weights.shape
    if len(shape) == 4 and shape[:2] == (1, 1):
        shape = shape[2:]
    return (*shape, layer.stride)


def _wanted(row: Row) -> list[tuple[int, ...]]:
    strides = [stride for _, _, stride in row.layers.kernels] if len(row.shape) == 3 else []
    found: list[tuple[int, ...]] = []
    for i, (_, shape) in enumerate(row.parameters()):
        stride = strides[i] if i < len(strides) else 1
        is_kernel = len(shape) == 4 and shape[2:] != (1, 1)
        found.append((shape[2], shape[3], shape[1], shape[0], stride) if is_kernel else (shape[1], shape[0], stride))
    return found


def _policy(graph: Graph, branches: Sequence[Chain], tower: Tower) -> dict[str, Float32Array]:
    """Returns the tensors of what acts."""
    found = dict[str, Float32Array]()
    behind = [] if graph.trunk is None else list(graph.trunk.layers)
    for branch, row in zip(branches, tower.sensors, strict=True):
        n_layers = len(row.parameters())
        _take(found, row, branch.layers[:n_layers])
        if graph.trunk is None:
            behind = branch.layers[n_layers:]
    for row in (*tower.joined, *tower.answers[0]):
        n_layers = len(row.parameters())
        _take(found, row, behind[:n_layers])
        behind = behind[n_layers:]
    if graph.trunk is not None:
        name = f"{tower.joined[0].name}.0.weight"
        found[name] = np.ascontiguousarray(found[name][:, _order(graph, tower.sensors)])
    return found


def _take(found: dict[str, Float32Array], row: Row, layers: Sequence[Weighted]) -> None:
    """Notes layers as torch keeps them: outputs first, channels before rows and columns."""
    n_kernels = len(row.layers.kernels) if len(row.shape) == 3 else 0
    for i, ((name, shape), layer) in enumerate(zip(row.parameters(), layers, strict=True)):
        weights = layer.weights
        if len(shape) == 4:
            kernel = weights if weights.ndim == 4 else weights[None, None]
            turned = kernel.transpose(3, 2, 0, 1)
        else:
            turned = weights.reshape(weights.shape[-2:]).T
            if n_kernels and i == n_kernels:
                turned = turned[:, _channels_first(row)]
        found[f"{name}.weight"], found[f"{name}.bias"] = np.ascontiguousarray(turned), layer.bias


def _channels_first(row: Row) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Returns for each number behind a flattened picture of torch its place in one of TensorFlow."""
    rows, columns, channels = row.layers.picture_of(row.shape)
    return np.arange(rows * columns * channels).reshape(rows, columns, channels).transpose(2, 0, 1).reshape(-1)


def _order(graph: Graph, rows: Sequence[Row]) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Returns for each number that the sensors are joined to here its place in the graph, which has its own order."""
    starts, free = {}, 0
    by_name = dict(zip(sorted(branch.sensor for branch in graph.branches), rows, strict=True))
    for branch in graph.branches:
        starts[branch.sensor] = free
        free += by_name[branch.sensor].width
    places = []
    for name, row in by_name.items():
        inside = _channels_first(row) if len(row.shape) == 3 else np.arange(row.width)
        places.append(starts[name] + inside)
    return np.concatenate(places)


def _fresh(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> Float32Array:
    """Returns the weights that a layer begins with: of the size that keeps signals (He et al. 2015); biases 0.

    The spread of SAC's actions begins with 1 for every observation.
    """
    if len(shape) < 2 or name.startswith("actor.log_std"):
        return np.zeros(shape, np.float32)
    n_inputs = int(np.prod(shape[1:]))
    gain = 1.0 if name.startswith("value_net") or shape[0] == 1 else 2.0
    return random.standard_normal(shape, np.float32) * np.float32((gain / n_inputs) ** 0.5)
