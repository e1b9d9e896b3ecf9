"""Taking a trained network apart into its layers, and asking it for what those layers must answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from deepracer_local.domain import ImageArray
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
)
from deepracer_local.errors import InvalidInputError
from deepracer_local.training._networks import CameraFeatures
from deepracer_local.training._policy import CameraPolicy, DeterministicPolicy

_PICTURES_AT_ONCE = 32


def describe_policy(policy: DeterministicPolicy, sensor: str) -> LayeredNetwork:
    """Returns the layers from what ``sensor`` gives to the probabilities or means of the actions; weights are copies.

    Raises:
        InvalidInputError: the policy does not look at pictures.
    """
    network = _camera_policy(policy)
    features = network.pi_features_extractor
    assert isinstance(features, CameraFeatures)
    space = network.observation_space.shape
    assert space is not None
    height, width, channels = space
    before: list[Layer] = [AveragePool(features.pool)] if features.pool > 1 else []
    before.append(Scale(1.0 / features.unit, features.black / features.unit))
    pooled = (height // features.pool, width // features.pool, channels)
    branch = Branch(sensor, (height, width, channels), (*before, *_layers_of(features.layers, pooled)))
    head = _layers_of([*network.mlp_extractor.policy_net, network.action_net], None)
    is_discrete = isinstance(network.action_space, spaces.Discrete)
    return LayeredNetwork((branch,), (*head, *([Softmax()] if is_discrete else [])))


def outputs_of(policy: DeterministicPolicy, pictures: ImageArray) -> Float32Array:
    """Returns the probability of each action, or the mean of each continuous one: float32 (n, n_actions).

    Args:
        policy: whose network looks at pictures.
        pictures: uint8 (n, height, width, channels).

    Raises:
        InvalidInputError: the policy does not look at pictures.
    """
    network = _camera_policy(policy)
    found = list[Float32Array]()
    with torch.inference_mode():
        for start in range(0, len(pictures), _PICTURES_AT_ONCE):
            batch = torch.from_numpy(np.ascontiguousarray(pictures[start : start + _PICTURES_AT_ONCE]))
            distribution = network.get_distribution(batch).distribution
            is_discrete = isinstance(network.action_space, spaces.Discrete)
            found.append((distribution.probs if is_discrete else distribution.mean).numpy())
    return np.concatenate(found)


class OutputRecorder:
    """Drives as a policy does and keeps what it was shown and what its network put out.

    Attributes:
        pictures: uint8 (height, width, channels) each.
        outputs: float32 (n_actions,) each, as ``outputs_of`` returns them.
    """

    def __init__(self, policy: DeterministicPolicy) -> None:
        self._policy = policy
        self.pictures: list[ImageArray] = []
        self.outputs: list[Float32Array] = []

    def act(self, observation: Any) -> Any:
        """Returns the policy's action."""
        # Not a copy: the environment gives every step an array of its own.
        self.pictures.append(observation)
        [outputs] = outputs_of(self._policy, observation[None])
        self.outputs.append(outputs)
        is_discrete = isinstance(self._policy.network.action_space, spaces.Discrete)
        return outputs.argmax() if is_discrete else np.clip(outputs, -1.0, 1.0)


def _camera_policy(policy: DeterministicPolicy) -> CameraPolicy:
    if not isinstance(policy.network, CameraPolicy):
        raise InvalidInputError(
            f"Expected a policy that looks at pictures, got a {type(policy.network).__name__}. Train with a camera."
        )
    return policy.network


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
        else:
            raise AssertionError(f"no layer of ours: {type(module).__name__}")
    return layers


def _bias(module: nn.Conv2d | nn.Linear) -> Float32Array:
    assert module.bias is not None
    return _array(module.bias)


def _array(tensor: torch.Tensor) -> Float32Array:
    array: Float32Array = np.array(tensor.detach().numpy(), np.float32, order="C")
    return array
