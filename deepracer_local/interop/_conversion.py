"""From the layers of a frozen graph to the tensors of a checkpoint here. Loaded in the child."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepracer_local.interop._graph import Chain, Weighted
from deepracer_local.interop._layers import NETWORKS, Layers, expected_shapes
from deepracer_local.interop._refusal import UnusableError
from deepracer_local.interop._tensors import Float32Array

_MAX_ACTIONS = 1_000


@dataclass(frozen=True, slots=True)
class Converted:
    """A policy in this program's terms.

    Attributes:
        tensors: of a checkpoint, value network included.
        network: its name.
        sensor: what it looks through.
        channels: of a picture.
        n_outputs: actions, or dimensions of a continuous one.
        is_continuous: whether means come out.
    """

    tensors: dict[str, Float32Array]
    network: str
    sensor: str
    channels: int
    n_outputs: int
    is_continuous: bool


def convert(chain: Chain) -> Converted:
    """Returns the checkpoint that gives the actions of a frozen policy.

    A frozen graph has no value network, no optimiser and, of continuous actions, no spread: those begin anew.

    Raises:
        UnusableError: it is none of the networks that are known here; says by what.
    """
    channels = chain.layers[0].weights.shape[2] if chain.layers[0].weights.ndim == 4 else 0
    network, layers = _matching(chain, channels)
    head = chain.layers[-1].weights.reshape(layers.dense[-1], -1)
    n_outputs = head.shape[1]
    if not 1 <= n_outputs <= _MAX_ACTIONS or (not chain.is_softmax and n_outputs != 2):
        raise UnusableError(f"it answers with {n_outputs} numbers, which are neither probabilities nor two means")
    is_continuous = not chain.is_softmax
    shapes = expected_shapes(network, channels=channels, n_outputs=n_outputs, is_continuous=is_continuous)
    policy = dict[str, Float32Array]()
    flattened = _before_flatten(layers, channels)
    for (place, shape), layer in zip(layers.shapes(channels), chain.layers[:-1], strict=True):
        policy[f"layers.{place}.weight"] = _turned(layer.weights, shape, flattened)
        policy[f"layers.{place}.bias"] = layer.bias
    random = np.random.default_rng(0)
    tensors = dict[str, Float32Array]()
    for name, shape in shapes.items():
        prefix, _, rest = name.partition(".")
        if name.startswith("action_net"):
            tensors[name] = np.ascontiguousarray(head.T) if name.endswith("weight") else chain.layers[-1].bias
        elif prefix in {"features_extractor", "pi_features_extractor"} or (
            prefix == "vf_features_extractor" and layers.is_shared
        ):
            tensors[name] = policy[rest]
        else:
            tensors[name] = _fresh(random, name, shape)
    return Converted(tensors, network, chain.sensor, channels, n_outputs, is_continuous)


def _matching(chain: Chain, channels: int) -> tuple[str, Layers]:
    """Returns the network that a chain is."""
    given = [_plain(layer) for layer in chain.layers]
    for name, layers in NETWORKS.items():
        if [*_wanted(layers, channels), (layers.dense[-1], given[-1][1], 1)] != given:
            continue
        factor, offset = 1.0 / layers.unit, layers.black / layers.unit
        if chain.pool != layers.pool or not np.allclose([chain.factor, chain.offset], [factor, offset], 1e-4, 1e-6):
            raise UnusableError(
                f"it is a {name} that scales its picture otherwise: by {chain.factor:g} less {chain.offset:g} over "
                f"squares of {chain.pool}, expected {factor:g} less {offset:g} over squares of {layers.pool}"
            )
        if not all(layer.has_relu for layer in chain.layers[:-1]) or chain.layers[-1].has_relu:
            raise UnusableError(f"it is a {name} with another activation than ReLU behind each layer but the last")
        return name, layers
    found = ", ".join("x".join(map(str, layer.weights.shape)) for layer in chain.layers)
    raise UnusableError(f"its layers ({found}) are none of {', '.join(NETWORKS)} with one camera")


def _plain(layer: Weighted) -> tuple[int, ...]:
    """Returns a layer's form; a dense one over every place of a picture is a convolution of one pixel."""
    shape: tuple[int, ...] = layer.weights.shape
    if len(shape) == 4 and shape[:2] == (1, 1):
        shape = shape[2:]
    return (*shape, layer.stride)


def _wanted(layers: Layers, channels: int) -> list[tuple[int, ...]]:
    strides = iter(layers.strides)
    found: list[tuple[int, ...]] = []
    for _, shape in layers.shapes(channels):
        if len(shape) == 4 and shape[2:] != (1, 1):
            found.append((shape[2], shape[3], shape[1], shape[0], next(strides)))
        else:
            found.append((shape[1], shape[0], next(strides) if len(shape) == 4 else 1))
    return found


def _before_flatten(layers: Layers, channels: int) -> tuple[int, int]:
    """Returns how many numbers are flattened, and how many channels they have."""
    shapes = [shape for _, shape in layers.shapes(channels)]
    last_picture = [shape for shape in shapes if len(shape) == 4][-1]
    first_row = next(shape for shape in shapes if len(shape) == 2)
    return first_row[1], last_picture[0]


def _turned(weights: Float32Array, shape: tuple[int, ...], flattened: tuple[int, int]) -> Float32Array:
    """Returns weights as torch keeps them: outputs first, channels before rows and columns."""
    if len(shape) == 4:
        kernel = weights if weights.ndim == 4 else weights[None, None]
        return np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
    matrix: Float32Array = weights.reshape(weights.shape[-2:])
    if matrix.shape[0] == flattened[0]:
        channels = flattened[1]
        matrix = matrix.reshape(-1, channels, matrix.shape[1]).transpose(1, 0, 2).reshape(matrix.shape)
    return np.ascontiguousarray(matrix.T)


def _fresh(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> Float32Array:
    """Returns the weights that a layer begins with: of the size that keeps signals (He et al. 2015); biases 0."""
    if len(shape) < 2:
        return np.zeros(shape, np.float32)
    n_inputs = int(np.prod(shape[1:]))
    gain = 1.0 if name.startswith("value_net") else 2.0
    return random.standard_normal(shape, np.float32) * np.float32((gain / n_inputs) ** 0.5)
