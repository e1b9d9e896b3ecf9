"""Getting a policy back from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy

from deepracer_local.errors import RunDirectoryError
from deepracer_local.runs import POLICY_FILE, CheckpointInfo, read_info
from deepracer_local.training._boundary import read_tensors
from deepracer_local.training._policy import DeterministicPolicy, policy_for


def use_threads(count: int) -> None:
    """Sets how many threads the networks of this process use.

    Left alone it would be one per core, which wait for each other at every layer: beside other work, a hundred times
    slower than one.
    """
    torch.set_num_threads(count)


def load_policy(folder: Path) -> tuple[DeterministicPolicy, CheckpointInfo]:
    """Builds the network of a checkpoint and loads its weights; nothing is unpickled.

    Raises:
        RunDirectoryError: a file is missing, damaged, or its weights do not fit the network it names.
    """
    info = read_info(folder)
    observation_space, action_space = spaces_of(info)
    policy_class, kwargs = policy_for(observation_space, info.network)
    policy: ActorCriticPolicy = policy_class(observation_space, action_space, lambda _: 0.0, **kwargs)
    try:
        policy.load_state_dict(read_tensors(folder / POLICY_FILE))
    except RuntimeError as err:
        raise RunDirectoryError(f"Expected weights of a {info.network} in {folder}, got: {err}.") from err
    policy.set_training_mode(False)
    return DeterministicPolicy(policy), info


def spaces_of(info: CheckpointInfo) -> tuple[spaces.Box[Any], spaces.Space[Any]]:
    """Returns the observation and action space that a checkpoint was trained with."""
    low, high, dtype = (0, 255, np.uint8) if info.observation_dtype == "uint8" else (-np.inf, np.inf, np.float32)
    observation: spaces.Box[Any] = spaces.Box(low, high, info.observation_shape, dtype)
    if info.n_actions is not None:
        return observation, spaces.Discrete(info.n_actions)
    return observation, spaces.Box(-1.0, 1.0, (info.action_dimensions or 2,), np.float32)
