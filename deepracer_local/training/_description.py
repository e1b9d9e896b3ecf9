"""Taking a trained network apart into its layers, and asking it for what those layers must answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from deepracer_local.domain.layers import (
    AveragePool,
    Branch,
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
from deepracer_local.training._networks import CameraFeatures, SensorFeatures
from deepracer_local.training._observations import to_tensors
from deepracer_local.training._policy import DeterministicPolicy, SoftPolicy

_FRAMES_AT_ONCE = 32

Frames = np.ndarray[Any, Any] | Mapping[str, np.ndarray[Any, Any]]
"""A batch of observations: one array, or an array for each sensor."""


def describe_policy(policy: DeterministicPolicy, sensors: Sequence[str]) -> LayeredNetwork:
    """Returns the layers from what the sensors give to the actions; weights are copies.

    Args:
        policy: what drives.
        sensors: their names; where there is only one, the network itself does not know what it is called.
    """
    network = policy.network
    if isinstance(network, SoftPolicy):
        features = network.actor.features_extractor
        heads = [*network.actor.latent_pi, network.actor.mu]
        last: list[Layer] = [Tanh()]  # the squashed mean is what it drives
    else:
        features = network.pi_features_extractor
        heads = [*network.mlp_extractor.policy_net, network.action_net]
        last = [Softmax()] if isinstance(network.action_space, spaces.Discrete) else []
    observations = network.observation_space
    if isinstance(features, SensorFeatures):
        assert isinstance(observations, spaces.Dict)
        branches = tuple(_branch(n, observations[n].shape, module) for n, module in features.embedders.items())
        joined, *others = _layers_of([*features.middleware, *heads], None)
        assert isinstance(joined, Dense)
        order = np.concatenate(list(_places(branches)))
        return LayeredNetwork(branches, (Dense(joined.weights[order], joined.bias), *others, *last))
    return LayeredNetwork((_branch(sensors[0], observations.shape, features),), (*_layers_of(heads, None), *last))


def outputs_of(policy: DeterministicPolicy, frames: Frames) -> Float32Array:
    """Returns the probability of each action, or each continuous one before it is clipped: float32 (n, n_actions).

    Args:
        policy: what drives.
        frames: a batch of observations.
    """
    network = policy.network
    n_frames = len(next(iter(frames.values())) if isinstance(frames, Mapping) else frames)
    found = list[Float32Array]()
    with torch.inference_mode():
        for start in range(0, n_frames, _FRAMES_AT_ONCE):
            batch: Any = to_tensors(_rows(frames, slice(start, start + _FRAMES_AT_ONCE)))
            if isinstance(network, SoftPolicy):
                found.append(network.actor(batch, deterministic=True).numpy())
                continue
            distribution: Any = network.get_distribution(batch).distribution
            is_discrete = isinstance(network.action_space, spaces.Discrete)
            found.append((distribution.probs if is_discrete else distribution.mean).numpy())
    return np.concatenate(found)


class OutputRecorder:
    """Drives as a policy does and keeps what it was shown and what its network put out.

    Attributes:
        outputs: float32 (n_actions,) each, as ``outputs_of`` returns them.
    """

    def __init__(self, policy: DeterministicPolicy) -> None:
        self._policy = policy
        self._shown: list[Any] = []
        self.outputs: list[Float32Array] = []

    def act(self, observations: Sequence[Any]) -> list[Any]:
        """Returns the policy's actions in several places at once; one pass serves all, so its weights are read once."""
        # Not copies: the environment gives every step arrays of its own.
        self._shown += observations
        outputs = outputs_of(self._policy, _together(observations))
        self.outputs += list(outputs)
        if isinstance(self._policy.network.action_space, spaces.Discrete):
            return list(outputs.argmax(1))
        return list(np.clip(outputs, -1.0, 1.0))

    def frames(self, sensor: str) -> dict[str, np.ndarray[Any, Any]]:
        """Returns what was shown, for each sensor (n, ...); ``sensor`` is what the only one is called."""
        frames = _together(self._shown)
        return dict(frames) if isinstance(frames, Mapping) else {sensor: frames}


def _together(observations: Sequence[Any]) -> Frames:
    """Returns observations as a batch."""
    if isinstance(observations[0], Mapping):
        return {name: np.stack([one[name] for one in observations]) for name in observations[0]}
    return np.stack(observations)


def _branch(sensor: str, shape: tuple[int, ...] | None, module: nn.Module) -> Branch:
    """Returns what happens to the input of one sensor before it meets the others."""
    assert shape is not None
    if not isinstance(module, CameraFeatures):
        return Branch(sensor, shape, tuple(_layers_of(module.children(), None)))
    height, width, channels = shape
    before: list[Layer] = [AveragePool(module.pool)] if module.pool > 1 else []
    before.append(Scale(1.0 / module.unit, module.black / module.unit))
    pooled = (height // module.pool, width // module.pool, channels)
    return Branch(sensor, shape, (*before, *_layers_of(module.layers, pooled)))


def _places(branches: Sequence[Branch]) -> Iterable[np.ndarray[Any, Any]]:
    """Yields for each branch where torch has what it ends with: a flattened picture channel by channel."""
    start = 0
    for branch in branches:
        shape = branch.shape
        for layer in branch.layers:
            if isinstance(layer, AveragePool):
                shape = (shape[0] // layer.side, shape[1] // layer.side, shape[2])
            elif isinstance(layer, Convolution):
                kernel, _, _, channels = layer.weights.shape
                rows, columns = ((side - kernel) // layer.stride + 1 for side in shape[:2])
                shape = (rows, columns, channels)
            elif isinstance(layer, Dense):
                shape = layer.bias.shape
        size = math.prod(shape)
        places = np.arange(start, start + size)
        if len(shape) == 3:
            rows, columns, channels = shape
            places = places.reshape(channels, rows, columns).transpose(1, 2, 0).ravel()
        yield places
        start += size


def _rows(frames: Frames, rows: slice) -> Frames:
    return {name: one[rows] for name, one in frames.items()} if isinstance(frames, Mapping) else frames[rows]


def _layers_of(modules: Iterable[nn.Module], shape: tuple[int, int, int] | None) -> list[Layer]:
    """Returns modules in a row as layers.

    torch keeps a picture as (channels, rows, columns): kernels are turned, and what stands behind a ``Flatten`` too.

    Args:
        modules: convolutions, dense layers and what goes between.
        shape: (rows, columns, channels) of what enters; None where that is a row of numbers.
    """
    layers = list[Layer]()
    flattened: tuple[int, int, int] | None = None
    for module in modules:
        if isinstance(module, nn.Conv2d):
            assert shape is not None
            kernel, stride = module.kernel_size[0], module.stride[0]
            layers.append(Convolution(_array(module.weight.permute(2, 3, 1, 0)), _bias(module), stride))
            shape = ((shape[0] - kernel) // stride + 1, (shape[1] - kernel) // stride + 1, module.out_channels)
        elif isinstance(module, nn.Flatten) and shape is None:
            continue  # of numbers, which lie in a row already
        elif isinstance(module, nn.Flatten):
            assert shape is not None
            flattened, shape = shape, None
            layers.append(Flatten(math.prod(flattened)))
        elif isinstance(module, nn.Linear):
            weights = module.weight
            if flattened is not None:
                rows, columns, channels = flattened
                weights = weights.reshape(-1, channels, rows, columns).permute(0, 2, 3, 1).flatten(1)
                flattened = None
            layers.append(Dense(_array(weights.T), _bias(module)))
        elif isinstance(module, nn.ReLU):
            layers.append(Relu())
        elif isinstance(module, nn.Tanh):
            layers.append(Tanh())
        else:
            raise AssertionError(f"no layer of ours: {type(module).__name__}")
    return layers


def _bias(module: nn.Conv2d | nn.Linear) -> Float32Array:
    assert module.bias is not None
    return _array(module.bias)


def _array(tensor: torch.Tensor) -> Float32Array:
    array: Float32Array = np.array(tensor.detach().numpy(), np.float32, order="C")
    return array
