"""Getting a policy back from a checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch

from deepracer_local.errors import RunDirectoryError
from deepracer_local.runs import POLICY_FILE, CheckpointInfo, read_info
from deepracer_local.training._algorithms import build_policy, camera_of
from deepracer_local.training._boundary import read_tensors
from deepracer_local.training._policy import DeterministicPolicy
from deepracer_local.training._spaces import spaces_of


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
    metadata = info.model_metadata
    policy = build_policy(
        observation_space,
        action_space,
        info.network,
        algorithm=metadata.training_algorithm,
        camera=camera_of(metadata),
        is_filled=False,
    )
    try:
        # Not copied into the policy's own: the file lies in memory page by page, as far as it is used.
        policy.load_state_dict(read_tensors(folder / POLICY_FILE), assign=True)
    except RuntimeError as err:
        raise RunDirectoryError(f"Expected weights of a {info.network} in {folder}, got: {err}.") from err
    policy.set_training_mode(False)
    return DeterministicPolicy(policy), info
