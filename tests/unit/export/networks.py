"""Networks with weights that decide: what the exporter is tested on."""

from __future__ import annotations

import numpy as np
import torch
from gymnasium import spaces

from deepracer_local.domain import (
    ContinuousActions,
    DiscreteAction,
    ImageArray,
    ModelMetadata,
    Network,
    Sensor,
)
from deepracer_local.env import DeepRacerEnv
from deepracer_local.training import DeterministicPolicy
from deepracer_local.training._algorithms import build_policy
from deepracer_local.training._policy import SoftPolicy, policy_for

CAMERA = Sensor.FRONT_FACING_CAMERA
N_ACTIONS = 5


def metadata_of(network: Network, *, is_discrete: bool, sensor: Sensor = CAMERA) -> ModelMetadata:
    steering, speed = {"low": -30.0, "high": 30.0}, {"low": 0.5, "high": 2.0}
    return ModelMetadata(
        action_space=tuple(DiscreteAction(steering_angle=15.0 * i - 30, speed=1.0) for i in range(N_ACTIONS))
        if is_discrete
        else ContinuousActions.model_validate({"steering_angle": steering, "speed": speed}),
        action_space_type="discrete" if is_discrete else "continuous",
        sensor=(sensor,),
        neural_network=network,
    )


def policy_of(
    network: Network, *, is_discrete: bool, shape: tuple[int, int, int] = (120, 160, 1), seed: int = 0
) -> DeterministicPolicy:
    """Returns random weights whose actions differ from picture to picture; fresh ones are all but indifferent."""
    picture = spaces.Box(0, 255, shape, np.uint8)
    actions = spaces.Discrete(N_ACTIONS) if is_discrete else spaces.Box(-1.0, 1.0, (2,), np.float32)
    torch.manual_seed(seed)
    policy_class, kwargs = policy_for(picture, network)
    policy = policy_class(picture, actions, lambda _: 1e-3, **kwargs)
    with torch.no_grad():
        policy.action_net.weight *= 300.0
        for parameter in policy.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return DeterministicPolicy(policy)


def driven_pictures(count: int, *, channels: int = 1) -> ImageArray:
    """Returns what a car sees that steers to and fro: uint8 (count, 120, 160, channels)."""
    env = DeepRacerEnv("oval")
    pictures = [env.reset(seed=0)[0]]
    for i in range(count * channels - 1):
        observation, _, terminated, truncated, _ = env.step(1 + i // 4 % 3)
        pictures.append(env.reset()[0] if terminated or truncated else observation)
    env.close()
    return np.concatenate(np.split(np.stack(pictures), channels), axis=3)


def with_lidar(algorithm: str, *, is_discrete: bool) -> DeterministicPolicy:
    """Returns a policy of two cameras and a lidar with random weights."""
    observations = spaces.Dict(
        {
            "STEREO_CAMERAS": spaces.Box(0, 255, (120, 160, 2), np.uint8),
            "LIDAR": spaces.Box(0.15, 1.0, (64,), np.float32),
        }
    )
    actions = spaces.Discrete(N_ACTIONS) if is_discrete else spaces.Box(-1.0, 1.0, (2,), np.float32)
    torch.manual_seed(0)
    network = build_policy(observations, actions, Network.FAST, algorithm=algorithm)
    head = network.actor.mu if isinstance(network, SoftPolicy) else network.action_net
    with torch.no_grad():
        head.weight *= 3.0
    return DeterministicPolicy(network)
