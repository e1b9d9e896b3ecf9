"""The algorithms by the names that ``model_metadata.json`` gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import nn
from torch.overrides import TorchFunctionMode

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
    observation: spaces.Space[Any],
    action: spaces.Space[Any],
    network: Network,
    *,
    algorithm: str,
    camera: str = "",
    is_filled: bool = True,
) -> ActorCriticPolicy | SoftPolicy:
    """Returns the policy of an algorithm, which cannot learn.

    Args:
        observation: what its sensors give.
        action: what it chooses from.
        network: its layers.
        algorithm: by the name in ``model_metadata.json``.
        camera: the name of its camera, if any.
        is_filled: with random weights; without, they are what the memory held, for others that take their place: the
            random numbers of the largest network take half a second.
    """
    make: Callable[..., tuple[Callable[..., Any], dict[str, Any]]] = (
        soft_policy_for if algorithm == "sac" else policy_for
    )
    policy_class, kwargs = make(observation, network, camera)
    if algorithm != "sac":
        kwargs["ortho_init"] = False
    kwargs["optimizer_class"] = _NoOptimizer
    with nullcontext() if is_filled else _Unfilled():
        policy: ActorCriticPolicy | SoftPolicy = policy_class(observation, action, lambda _: 0.0, **kwargs)
    return policy


class _NoOptimizer:
    """Takes the place of an optimizer, whose moments are twice as large as the network."""

    def __init__(self, params: Iterable[nn.Parameter], lr: float) -> None:
        pass


class _Unfilled(TorchFunctionMode):
    """Leaves out the random numbers that torch's layers begin with."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Returns the tensor of such a call as it is, and of any other what that returns."""
        given = dict(kwargs or {})
        if func in {nn.init.kaiming_uniform_, nn.init.uniform_}:
            return given["tensor"] if "tensor" in given else args[0]
        return func(*args, **given)
