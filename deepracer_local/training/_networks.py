"""The network topologies and their feature extractor for Stable-Baselines3.

Source of the first three: the original's network definitions (reference, section 3.4): no padding, ReLU after each
layer, division by 255 inside the network.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from gymnasium import spaces
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn

from deepracer_local.domain import Network


@dataclass(frozen=True, slots=True)
class Topology:
    """The layers between a camera picture and the heads.

    Attributes:
        pool: side of the square average pooling before the first convolution; 1 is none.
        convolutions: (filters, kernel, stride) of each convolution, without padding.
        pointwise: widths of dense layers that act on every position before flattening (1x1 convolutions).
        dense: widths of the dense layers after flattening.
        is_shared: whether policy and value share these layers.
        black: the grey level, 0 to 255, that enters the first layer as 0.
        unit: how many grey levels above that enter it as 1.
    """

    pool: int
    convolutions: tuple[tuple[int, int, int], ...]
    pointwise: tuple[int, ...]
    dense: tuple[int, ...]
    is_shared: bool = False
    black: float = 0.0
    unit: float = 255.0


TOPOLOGIES: dict[Network, Topology] = {
    Network.SHALLOW: Topology(1, ((32, 8, 4), (64, 4, 2), (64, 3, 1)), (), (512,)),
    Network.DEEP: Topology(1, ((32, 5, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1)), (64,), (512,)),
    Network.DEEPER: Topology(1, ((32, 8, 4), (32, 4, 2), (64, 4, 2), (64, 3, 1)), (512, 512), (256, 128)),
    # Sees the 160x120 picture through 4x4 average pooling: a sixteenth of the arithmetic, and lines 10 cm wide
    # still span several pooled pixels where they matter.
    # Its input is centred between road and lines and spread to about -1 to 2: with the original's 0 to 1 the same
    # network needed up to 38 updates for three clean laps, so it needs at most 11 (seeds 0 to 14 of the demo).
    Network.FAST: Topology(4, ((16, 5, 2), (32, 3, 2)), (), (128,), is_shared=True, black=96.0, unit=64.0),
}


class CameraFeatures(BaseFeaturesExtractor):
    """Turns pictures into features: uint8 or float (batch, height, width, channels), 0 to 255 -> float32 (batch, n)."""

    def __init__(self, observation_space: spaces.Box, topology: Topology) -> None:
        super().__init__(observation_space, topology.dense[-1])
        height, width, channels = observation_space.shape
        self.pool = topology.pool
        self.black, self.unit = topology.black, topology.unit
        layers: list[nn.Module] = []
        rows, columns = height // topology.pool, width // topology.pool
        for filters, kernel, stride in topology.convolutions:
            layers += [nn.Conv2d(channels, filters, kernel, stride), nn.ReLU()]
            rows, columns, channels = (rows - kernel) // stride + 1, (columns - kernel) // stride + 1, filters
        for width_out in topology.pointwise:
            layers += [nn.Conv2d(channels, width_out, 1), nn.ReLU()]
            channels = width_out
        layers.append(nn.Flatten())
        n_inputs = rows * columns * channels
        for width_out in topology.dense:
            layers += [nn.Linear(n_inputs, width_out), nn.ReLU()]
            n_inputs = width_out
        self.layers = nn.Sequential(*layers)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Returns float32 (batch, features)."""
        return self.features_of(self.inputs_of(observations))

    def inputs_of(self, observations: torch.Tensor) -> torch.Tensor:
        """Returns what enters the first layer: float32 (batch, channels, rows, columns), a linear function."""
        pooled = _block_sums(observations, self.pool) * (1.0 / (self.unit * self.pool**2)) - self.black / self.unit
        # With one channel this permutation is free; with two it makes a channels-last tensor, which convolves faster.
        return pooled.permute(0, 3, 1, 2)

    def features_of(self, inputs: torch.Tensor) -> torch.Tensor:
        """Returns float32 (batch, features) of what ``inputs_of`` returned."""
        result: torch.Tensor = self.layers(inputs)
        return result


def _block_sums(pictures: torch.Tensor, size: int) -> torch.Tensor:
    """Returns float32 (batch, height // size, width // size, channels): sums of blocks; of whole numbers exact.

    Average pooling by another name: torch's own ``AvgPool2d`` takes 80 us a picture here, this takes 5.
    """
    if size == 1:
        return pictures.float()
    _, height, width, _ = pictures.shape
    whole = pictures[:, : height // size * size, : width // size * size]
    values = whole if whole.is_floating_point() else whole.to(torch.int16)
    rows = sum((values[:, i::size] for i in range(1, size)), start=values[:, 0::size])
    return sum((rows[:, :, i::size] for i in range(1, size)), start=rows[:, :, 0::size]).float()
