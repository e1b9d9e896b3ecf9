"""How large the networks are, and how long one takes to choose an action."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from deepracer_local.domain import Network, Sensor
from deepracer_local.training._algorithms import build_policy
from deepracer_local.training._observations import batch_of_one, to_tensors
from deepracer_local.training._policy import SensorPolicy, SoftPolicy

HEIGHT_PX, WIDTH_PX = 120, 160
LIDAR_NUMBERS = {Sensor.LIDAR: 64, Sensor.SECTOR_LIDAR: 8, Sensor.DISCRETIZED_SECTOR_LIDAR: 64}
"""Numbers of each lidar with the original's settings."""
N_ACTIONS = 5
_REPETITIONS = 15


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """One network with one set of sensors.

    Attributes:
        network: its topology.
        sensors: what it is shown.
        acting: parameters that take part in choosing an action.
        ppo: parameters of PPO's policy and value, with five discrete actions.
        sac: parameters of what acts and what judges in SAC, without the slow copies.
        action_ms: median time to choose one action, after scaling and pooling of the picture.
    """

    network: Network
    sensors: tuple[Sensor, ...]
    acting: int
    ppo: int
    sac: int
    action_ms: float


def sensor_sets() -> list[tuple[Sensor, ...]]:
    """Returns the kinds of sets whose networks differ: each camera alone, and with each size of lidar."""
    cameras = [Sensor.FRONT_FACING_CAMERA, Sensor.STEREO_CAMERAS]
    return [*((camera,) for camera in cameras), *itertools.product(cameras, [Sensor.SECTOR_LIDAR, Sensor.LIDAR])]


def measure_networks() -> Iterator[NetworkSize]:
    """Yields each network with each set of sensors; takes a second or two for the largest."""
    for network, sensors in itertools.product(Network, sensor_sets()):
        space = space_of(sensors)
        # On this device tensors have shapes and no memory.
        with torch.device("meta"):
            actions = spaces.Box(-1.0, 1.0, (2,), np.float32)
            camera = sensors[0].value
            ppo = build_policy(space, spaces.Discrete(N_ACTIONS), network, algorithm="clipped_ppo", camera=camera)
            sac = build_policy(space, actions, network, algorithm="sac", camera=camera)
        assert isinstance(ppo, SensorPolicy)
        assert isinstance(sac, SoftPolicy)
        yield NetworkSize(
            network,
            sensors,
            acting=_count(ppo.pi_features_extractor, ppo.action_net),
            ppo=_count(ppo),
            sac=_count(sac.actor, sac.critic),
            action_ms=_action_ms(ppo, space),
        )


def space_of(sensors: tuple[Sensor, ...]) -> spaces.Space[Any]:
    """Returns the observations of a set of sensors, with one picture of each camera."""
    boxes: dict[str, spaces.Space[Any]] = {}
    for sensor in sensors:
        if sensor in LIDAR_NUMBERS:
            boxes[sensor.value] = spaces.Box(0.0, np.inf, (LIDAR_NUMBERS[sensor],), np.float32)
        else:
            n_pictures = 2 if sensor is Sensor.STEREO_CAMERAS else 1
            boxes[sensor.value] = spaces.Box(0, 255, (HEIGHT_PX, WIDTH_PX, n_pictures), np.uint8)
    return next(iter(boxes.values())) if len(boxes) == 1 else spaces.Dict(boxes)


def _count(*modules: nn.Module) -> int:
    parameters = {id(parameter): parameter.numel() for module in modules for parameter in module.parameters()}
    return sum(parameters.values())


def _action_ms(policy: SensorPolicy, space: spaces.Space[Any]) -> float:
    """Returns the median time of one action with weights that are all alike: the time does not depend on them."""
    features, head = policy.pi_features_extractor.to_empty(device="cpu"), policy.action_net.to_empty(device="cpu")
    for module in (features, head):
        for parameter in module.parameters():
            nn.init.constant_(parameter, 0.01)
    batch = to_tensors(batch_of_one(_blank(space)))
    seconds = []
    with torch.inference_mode():
        for _ in range(_REPETITIONS):
            started_at = time.perf_counter()
            head(features(batch))
            seconds.append(time.perf_counter() - started_at)
    return float(np.median(seconds)) * 1000.0


def _blank(space: spaces.Space[Any]) -> Any:
    if isinstance(space, spaces.Dict):
        return {name: np.zeros(box.shape, box.dtype) for name, box in space.spaces.items()}
    return np.zeros(space.shape or (), space.dtype)
