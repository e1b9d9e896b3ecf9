"""The policy: what acts, and how it is built for an observation space."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy, ContinuousCritic
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor, FlattenExtractor
from stable_baselines3.sac.policies import Actor, SACPolicy

from deepracer_local.domain import Network
from deepracer_local.training._adam import FusedAdam
from deepracer_local.training._networks import TOPOLOGIES, CameraFeatures, SensorFeatures, topology_of
from deepracer_local.training._observations import batch_of_one, is_picture, to_tensors


class Policy(Protocol):
    """Something that chooses actions."""

    def act(self, observation: Any) -> Any:
        """Returns the deterministic action for one observation."""


class SensorPolicy(ActorCriticPolicy):
    """SB3's actor-critic policy, fed with what the sensors give, as it is: a picture, or a dictionary.

    SB3 turns an observation into float32 before the features extractor; for a picture that is four times the bytes,
    made again for the policy and for the value, so this hands the uint8 picture on.
    """

    def extract_features(  # type: ignore[override]  # SB3's own override has this wider signature too
        self, obs: Any, features_extractor: BaseFeaturesExtractor | None = None
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Returns the features of a batch; a pair (policy, value) where the networks are separate and none is named."""
        if features_extractor is not None:
            named: torch.Tensor = features_extractor(obs)
            return named
        if self.share_features_extractor:
            shared: torch.Tensor = self.features_extractor(obs)
            return shared
        return self.pi_features_extractor(obs), self.vf_features_extractor(obs)

    def get_distribution(self, obs: Any) -> Any:
        """Returns the action distribution of a batch."""
        return self.distribution_of(self.pi_features_extractor(obs))

    def distribution_of(self, features: torch.Tensor) -> Any:
        """Returns the action distribution of a batch of features."""
        return self._get_action_dist_from_latent(self.mlp_extractor.forward_actor(features))

    def predict_values(self, obs: Any) -> torch.Tensor:
        """Returns the values of a batch: float32 (batch, 1)."""
        features = self.vf_features_extractor(obs)
        values: torch.Tensor = self.value_net(self.mlp_extractor.forward_critic(features))
        return values


class SoftActor(Actor):
    """The acting half of SAC's policy, fed with observations as they are."""

    def extract_features(self, obs: Any, features_extractor: BaseFeaturesExtractor) -> torch.Tensor:
        """Returns the features of a batch."""
        features: torch.Tensor = features_extractor(obs)
        return features


class SoftCritic(ContinuousCritic):
    """The two judging networks of SAC's policy, fed with observations as they are."""

    def extract_features(self, obs: Any, features_extractor: BaseFeaturesExtractor) -> torch.Tensor:
        """Returns the features of a batch."""
        features: torch.Tensor = features_extractor(obs)
        return features


class SoftPolicy(SACPolicy):
    """SB3's policy for SAC, fed with observations as they are."""

    actor: SoftActor
    critic: SoftCritic

    def make_actor(self, features_extractor: BaseFeaturesExtractor | None = None) -> SoftActor:
        """Returns the network that acts."""
        return SoftActor(**self._update_features_extractor(self.actor_kwargs, features_extractor))

    def make_critic(self, features_extractor: BaseFeaturesExtractor | None = None) -> SoftCritic:
        """Returns the networks that judge."""
        return SoftCritic(**self._update_features_extractor(self.critic_kwargs, features_extractor))


def sees_sensors(space: spaces.Space[Any]) -> bool:
    """Returns whether observations of ``space`` get the layers of a ``Network``: a picture, or several sensors."""
    return is_picture(space) or isinstance(space, spaces.Dict)


def shares_layers(space: spaces.Space[Any], network: Network) -> bool:
    """Returns whether policy and value of PPO share layers, or an optimiser's norm of small ones."""
    return not sees_sensors(space) or TOPOLOGIES[network].is_shared


def policy_for(
    space: spaces.Space[Any], network: Network, camera: str = ""
) -> tuple[type[ActorCriticPolicy], dict[str, Any]]:
    """Returns PPO's policy class and its keyword arguments for observations of ``space``.

    Pictures and dictionaries of sensors get the layers of ``network``; any other box gets two small dense layers.
    ``camera`` is the sensor that makes the pictures where there is no other: its layers may be special.
    """
    if not sees_sensors(space):
        return ActorCriticPolicy, {"net_arch": {"pi": [64, 64], "vf": [64, 64]}, "optimizer_class": FusedAdam}
    return SensorPolicy, {
        **_features_for(space, network, camera),
        "share_features_extractor": TOPOLOGIES[network].is_shared,
        "net_arch": {"pi": [], "vf": []},
        "normalize_images": False,
        "optimizer_class": FusedAdam,
        # The original initialises as Glorot; orthogonal with gain sqrt(2) is SB3's and learns alike.
        "ortho_init": True,
    }


def soft_policy_for(
    space: spaces.Space[Any], network: Network, camera: str = ""
) -> tuple[type[SoftPolicy], dict[str, Any]]:
    """Returns SAC's policy class and its keyword arguments for observations of ``space``.

    The layers before the heads are those of PPO, once for what acts and once for the two that judge.
    Source of the heads: the original's, reference, section 3.4.
    """
    sees = sees_sensors(space)
    features = _features_for(space, network, camera) if sees else {"features_extractor_class": FlattenExtractor}
    return SoftPolicy, {
        **features,
        "share_features_extractor": False,
        "net_arch": {"pi": [256], "qf": [256, 256]} if sees else {"pi": [64, 64], "qf": [64, 64]},
        "normalize_images": False,
        "optimizer_class": FusedAdam,
    }


def _features_for(space: spaces.Space[Any], network: Network, camera: str) -> dict[str, Any]:
    if isinstance(space, spaces.Dict):
        return {"features_extractor_class": SensorFeatures, "features_extractor_kwargs": {"network": network}}
    topology = topology_of(network, camera)
    return {"features_extractor_class": CameraFeatures, "features_extractor_kwargs": {"topology": topology}}


class DeterministicPolicy:
    """The best action of a trained network: the most probable, or the mean.

    Attributes:
        network: whose actions they are.
    """

    def __init__(self, network: ActorCriticPolicy | SoftPolicy) -> None:
        self.network = network

    def act(self, observation: Any) -> Any:
        """Returns the action for one observation, as numpy."""
        with torch.inference_mode():
            actions = best_actions(self.network, to_tensors(batch_of_one(observation)))
        action: Any = actions[0].numpy()
        return np.clip(action, -1.0, 1.0) if action.ndim else action


def best_actions(network: ActorCriticPolicy | SoftPolicy, batch: Any) -> torch.Tensor:
    """Returns the best action for each observation of a batch of tensors."""
    if isinstance(network, SoftPolicy):
        best: torch.Tensor = network.actor(batch, deterministic=True)
        return best
    modes: torch.Tensor = network.get_distribution(batch).mode()
    return modes
