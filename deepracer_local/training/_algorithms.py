"""The algorithms by the names that ``model_metadata.json`` gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy

from deepracer_local.domain import CAMERAS, ModelMetadata, Network, TrainSpec
from deepracer_local.errors import SpecError
from deepracer_local.training._learner import Learner
from deepracer_local.training._policy import SoftPolicy, policy_for, soft_policy_for
from deepracer_local.training._ppo import ClippedPPO
from deepracer_local.training._sac import SoftActorCritic
from deepracer_local.training._vector import InProcessVecEnv

LEARNERS: dict[str, Callable[..., Learner]] = {"clipped_ppo": ClippedPPO, "sac": SoftActorCritic}


def make_learner(env: InProcessVecEnv, spec: TrainSpec) -> Learner:
    """Returns the learner that ``spec`` asks for, around its environments.

    Raises:
        SpecError: it cannot choose actions of this kind.
    """
    algorithm = spec.model_metadata.training_algorithm
    if algorithm == "sac" and not isinstance(env.action_space, spaces.Box):
        raise SpecError(
            f"training_algorithm: expected a continuous action space for sac, got {env.action_space}. Choose "
            "clipped_ppo, or steering and speed from intervals.",
            field="training_algorithm",
        )
    metadata = spec.model_metadata
    return LEARNERS[algorithm](
        env, spec.hyperparameters, metadata.neural_network, seed=spec.seed, camera=camera_of(metadata)
    )


def camera_of(metadata: ModelMetadata) -> str:
    """Returns the name of the camera of a model; empty where it has none."""
    return next((sensor.value for sensor in metadata.sensor if sensor in CAMERAS), "")


def build_policy(
    observation: spaces.Space[Any], action: spaces.Space[Any], network: Network, *, algorithm: str, camera: str = ""
) -> ActorCriticPolicy | SoftPolicy:
    """Returns the policy of an algorithm, for weights that are loaded into it; it cannot learn."""
    make: Callable[..., tuple[Callable[..., Any], dict[str, Any]]] = (
        soft_policy_for if algorithm == "sac" else policy_for
    )
    policy_class, kwargs = make(observation, network, camera)
    if algorithm != "sac":
        kwargs["ortho_init"] = False  # to begin well is not asked for, and takes seconds for the largest network
    policy: ActorCriticPolicy | SoftPolicy = policy_class(observation, action, lambda _: 0.0, **kwargs)
    return policy
