"""The network topologies and their features extractors for Stable-Baselines3.

Each sensor has layers of its own, its embedder. One camera alone goes through its embedder and the dense layers behind
it; of several sensors the embeddings are put side by side, sorted by the sensors' names, before these dense layers.
The modules are plain: convolutions, dense layers, ReLU, pooling and a linear scaling of grey levels.

Source of the first three: the original's network definitions (reference, section 3.4): no padding, ReLU after each
layer, division by 255 inside the network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from gymnasium import spaces
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn

from deepracer_local.domain import Network, Sensor
from deepracer_local.errors import SpecError
from deepracer_local.training._observations import is_picture


@dataclass(frozen=True, slots=True)
class Topology:
    """The layers between a camera picture and the heads.

    Attributes:
        pool: side of the square average pooling before the first convolution; 1 is none.
        convolutions: (filters, kernel, stride) of each convolution, without padding.
        pointwise: widths of dense layers that act on every position before flattening (1x1 convolutions).
        dense: widths of the dense layers after flattening, or after the embeddings of several sensors.
        is_shared: whether policy and value share these layers.
        black: the grey level, 0 to 255, that enters the first layer as 0.
        unit: how many grey levels above that enter it as 1.
        lidar: widths of the dense layers of a lidar's embedder.
    """

    pool: int
    convolutions: tuple[tuple[int, int, int], ...]
    pointwise: tuple[int, ...]
    dense: tuple[int, ...]
    is_shared: bool = False
    black: float = 0.0
    unit: float = 255.0
    lidar: tuple[int, ...] = (256, 256)


TOPOLOGIES: dict[Network, Topology] = {
    Network.SHALLOW: Topology(1, ((32, 8, 4), (64, 4, 2), (64, 3, 1)), (), (512,)),
    Network.DEEP: Topology(1, ((32, 5, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1)), (64,), (512,)),
    Network.DEEPER: Topology(1, ((32, 8, 4), (32, 4, 2), (64, 4, 2), (64, 3, 1)), (512, 512), (256, 128)),
    # Sees the 160x120 picture through 4x4 average pooling: a sixteenth of the arithmetic, and lines 10 cm wide
    # still span several pooled pixels where they matter.
    # Its input is centred between road and lines and spread to about -1 to 2: with the original's 0 to 1 the same
    # network needed up to 38 updates for three clean laps, so it needs at most 11 (seeds 0 to 14 of the demo).
    Network.FAST: Topology(
        4, ((16, 5, 2), (32, 3, 2)), (), (128,), is_shared=True, black=96.0, unit=64.0, lidar=(64, 64)
    ),
}
STEREO_CONVOLUTIONS = ((32, 3, 1), (64, 3, 2), (64, 3, 1), (128, 3, 2), (128, 3, 1))
"""Of two cameras with the two larger networks of the original; without dense layers before flattening."""
STATE_WIDTHS = (64, 64)
"""The embedder of numbers that are neither a picture nor a lidar's."""
_LIDARS = frozenset({Sensor.LIDAR.value, Sensor.SECTOR_LIDAR.value, Sensor.DISCRETIZED_SECTOR_LIDAR.value})


def topology_of(network: Network, sensor: str) -> Topology:
    """Returns the layers of ``network`` for the camera ``sensor``."""
    topology = TOPOLOGIES[network]
    if sensor == Sensor.STEREO_CAMERAS.value and network in {Network.DEEP, Network.DEEPER}:
        return replace(topology, convolutions=STEREO_CONVOLUTIONS, pointwise=())
    return topology


class CameraFeatures(BaseFeaturesExtractor):
    """Turns pictures into features: uint8 or float (batch, height, width, channels), 0 to 255 -> float32 (batch, n).

    A topology without dense layers ends with the flattened convolutions.
    """

    def __init__(self, observation_space: spaces.Box, topology: Topology) -> None:
        n_flat = _n_flat(observation_space, topology)
        super().__init__(observation_space, topology.dense[-1] if topology.dense else n_flat)
        self.pool = topology.pool
        self.black, self.unit = topology.black, topology.unit
        channels = observation_space.shape[2]
        layers: list[nn.Module] = []
        for filters, kernel, stride in (*topology.convolutions, *((width, 1, 1) for width in topology.pointwise)):
            layers += [nn.Conv2d(channels, filters, kernel, stride), nn.ReLU()]
            channels = filters
        self.layers = nn.Sequential(*layers, nn.Flatten(), *_dense(n_flat, topology.dense))

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


class SensorFeatures(BaseFeaturesExtractor):
    """Turns the observations of several sensors into features: a dictionary of batches -> float32 (batch, n).

    Attributes:
        camera: the name of the sensor that makes pictures, or None.
        embedders: the layers of each sensor, by its name, in the order in which their outputs are put side by side.
        middleware: the dense layers after that.
    """

    def __init__(self, observation_space: spaces.Dict, network: Network) -> None:
        super().__init__(observation_space, TOPOLOGIES[network].dense[-1])
        embedders: dict[str, nn.Module] = {}
        n_inputs = 0
        for name in sorted(observation_space.spaces):
            embedder, n_embedded = _embedder(observation_space.spaces[name], network, name)
            embedders[name] = embedder
            n_inputs += n_embedded
        self.embedders = nn.ModuleDict(embedders)
        self.middleware = _dense(n_inputs, TOPOLOGIES[network].dense)
        cameras = [name for name in embedders if isinstance(embedders[name], CameraFeatures)]
        self.camera = cameras[0] if cameras else None

    def forward(self, observations: dict[str, torch.Tensor]) -> torch.Tensor:
        """Returns float32 (batch, features)."""
        embeddings = [embedder(observations[name]) for name, embedder in self.embedders.items()]
        result: torch.Tensor = self.middleware(torch.cat(embeddings, 1))
        return result

    def features_of(self, inputs: torch.Tensor, observations: dict[str, torch.Tensor]) -> torch.Tensor:
        """Returns float32 (batch, features) of what enters the camera's first layer and what the other sensors say."""
        embeddings = []
        for name, embedder in self.embedders.items():
            if isinstance(embedder, CameraFeatures) and name == self.camera:
                embeddings.append(embedder.features_of(inputs))
            else:
                embeddings.append(embedder(observations[name]))
        result: torch.Tensor = self.middleware(torch.cat(embeddings, 1))
        return result


def _embedder(space: spaces.Space[Any], network: Network, sensor: str) -> tuple[nn.Module, int]:
    """Returns the layers of a sensor and the width of what comes out of them."""
    if isinstance(space, spaces.Box) and is_picture(space):
        camera = CameraFeatures(space, replace(topology_of(network, sensor), dense=()))
        return camera, camera.features_dim
    if not isinstance(space, spaces.Box) or len(space.shape) != 1:
        raise SpecError(
            f"sensor: expected {sensor} to give pictures, uint8 (height, width, channels), or float32 (n,), got "
            f"{space}. Change the environment.",
            field="sensor",
        )
    widths = TOPOLOGIES[network].lidar if sensor in _LIDARS else STATE_WIDTHS
    return _dense(space.shape[0], widths), widths[-1]


def _dense(n_inputs: int, widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Linear(n_inputs, width), nn.ReLU()]
        n_inputs = width
    return nn.Sequential(*layers)


def _n_flat(space: spaces.Box, topology: Topology) -> int:
    """Returns how many values the convolutions give."""
    rows, columns, channels = space.shape[0] // topology.pool, space.shape[1] // topology.pool, space.shape[2]
    for filters, kernel, stride in topology.convolutions:
        rows, columns, channels = (rows - kernel) // stride + 1, (columns - kernel) // stride + 1, filters
    if rows < 1 or columns < 1:
        raise SpecError(
            f"neural_network: expected pictures that its convolutions fit into, got {space.shape[1]} by "
            f"{space.shape[0]} pixels. Use larger pictures.",
            field="neural_network",
        )
    return rows * columns * (topology.pointwise[-1] if topology.pointwise else channels)


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
