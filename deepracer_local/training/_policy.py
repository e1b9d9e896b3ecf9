"""The policy: what acts, and how it is built for an observation space."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

from deepracer_local.domain import Network
from deepracer_local.training._adam import FusedAdam
from deepracer_local.training._networks import TOPOLOGIES, CameraFeatures


class Policy(Protocol):
    """Something that chooses actions."""

    def act(self, observation: Any) -> Any:
        """Returns the deterministic action for one observation."""


class CameraPolicy(ActorCriticPolicy):
    """SB3's actor-critic policy, fed with pictures as they are.

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


def is_picture(space: spaces.Space[Any]) -> bool:
    """Returns whether observations of ``space`` are camera pictures: uint8 (height, width, channels)."""
    return isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) == 3


def policy_for(space: spaces.Space[Any], network: Network) -> tuple[type[ActorCriticPolicy], dict[str, Any]]:
    """Returns the policy class and its keyword arguments for observations of ``space``.

    Pictures get the layers of ``network``; any other box gets two small dense layers.
    """
    if not is_picture(space):
        return ActorCriticPolicy, {"net_arch": {"pi": [64, 64], "vf": [64, 64]}, "optimizer_class": FusedAdam}
    topology = TOPOLOGIES[network]
    return CameraPolicy, {
        "features_extractor_class": CameraFeatures,
        "features_extractor_kwargs": {"topology": topology},
        "share_features_extractor": topology.is_shared,
        "net_arch": {"pi": [], "vf": []},
        "normalize_images": False,
        "optimizer_class": FusedAdam,
        # The original initialises as Glorot; orthogonal with gain sqrt(2) is SB3's and learns alike.
        "ortho_init": True,
    }


class DeterministicPolicy:
    """The best action of a trained network: the most probable, or the mean.

    Attributes:
        network: whose actions they are.
    """

    def __init__(self, network: ActorCriticPolicy) -> None:
        self.network = network

    def act(self, observation: Any) -> Any:
        """Returns the action for one observation, as numpy."""
        with torch.inference_mode():
            batch = torch.from_numpy(np.ascontiguousarray(observation)[None])
            if not isinstance(self.network, CameraPolicy):
                batch = batch.float()
            actions = self.network.get_distribution(batch).mode()
        action: Any = actions[0].numpy()
        return np.clip(action, -1.0, 1.0) if action.ndim else action
