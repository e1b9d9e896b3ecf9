"""What the training loop asks of an algorithm, and what algorithms on Stable-Baselines3 have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import torch
from stable_baselines3.common.policies import BasePolicy

from deepracer_local.domain import Hyperparameters, Network
from deepracer_local.training._adam import FusedAdam
from deepracer_local.training._observations import Arrays
from deepracer_local.training._policy import DeterministicPolicy
from deepracer_local.training._replay import ReplayMemory
from deepracer_local.training._vector import InProcessVecEnv

MAX_STEPS_PER_UPDATE = {Network.SHALLOW: 10_000, Network.FAST: 10_000, Network.DEEP: 3_000, Network.DEEPER: 3_000}
"""Environment steps of one update at most. Source: the original's fixed limits (reference, section 4.1)."""

StepListener = Callable[
    [np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any], Sequence[dict[str, Any]]], None
]
"""Called after each vector step with actions (n_envs, …), rewards (n_envs,), dones (n_envs,) and infos."""


@dataclass(frozen=True, slots=True)
class UpdateStatistics:
    """Means over the gradient steps of one policy update; None where an algorithm has no such number."""

    policy_loss: float | None
    value_loss: float | None
    entropy: float | None
    kl_divergence: float | None
    clip_fraction: float | None
    epsilon: float | None = None
    """How often an action was drawn blindly when the collection ended; None unless exploration is e-greedy."""

    def row(self) -> dict[str, float | None]:
        """Returns the columns of ``metrics.jsonl``; epsilon only where there is one."""
        found = asdict(self)
        return {name: value for name, value in found.items() if name != "epsilon" or value is not None}


class Learner(Protocol):
    """An algorithm with its environments.

    Law: after the same seed and the same environments, ``collect`` and ``update`` give the same weights, bit for bit,
    with one thread; all of its chance comes from torch's generator.
    """

    num_timesteps: int

    @property
    def policy(self) -> BasePolicy:
        """All networks that learn."""

    @property
    def replay(self) -> ReplayMemory | None:
        """What it remembers of former iterations; None for one that forgets them."""

    @property
    def vector_env(self) -> InProcessVecEnv:
        """The training environments."""

    @property
    def observations(self) -> Any:
        """What every car saw last, as the environments gave it: a batch of ``n_envs``."""

    @property
    def episode_starts(self) -> np.ndarray[Any, Any]:
        """Whether each car is at the start of an episode: bool (n_envs,)."""

    @property
    def driver(self) -> DeterministicPolicy:
        """What drives evaluations: the present weights without chance."""

    def optimizers(self) -> dict[str, FusedAdam]:
        """Returns the optimisers, with their moments, by a prefix for the names of these."""

    def start(self) -> None:
        """Resets the environments for the first collection."""

    def go_on(self, observations: Arrays, episode_starts: np.ndarray[Any, Any], total_steps: int) -> None:
        """Takes up what the cars saw last, after all else has been restored."""

    def collect(self, on_step: StepListener, should_stop: Callable[[], bool]) -> bool:
        """Drives until an update is due; returns False where ``should_stop`` ended it early."""

    def update(self, should_stop: Callable[[], bool]) -> UpdateStatistics | None:
        """Takes the gradient steps of one policy update.

        Returns:
            The statistics, or None where ``should_stop`` ended it early; the weights are then half updated.

        Raises:
            InvalidInputError: the loss is no longer finite.
        """


class CarsInStep:
    """The part of a ``Learner`` that drives all cars side by side; to be mixed into one of SB3's algorithms."""

    env: Any
    policy: Any
    num_timesteps: int
    _last_obs: Any
    _last_episode_starts: Any

    @staticmethod
    def _wrap_env(env: Any, verbose: int = 0, monitor_wrapper: bool = True) -> Any:
        """Returns ``env`` as it is: SB3 would put channels first, which our networks do for themselves."""
        return env

    @property
    def vector_env(self) -> InProcessVecEnv:
        """The training environments."""
        assert isinstance(self.env, InProcessVecEnv)
        return self.env

    @property
    def observations(self) -> Any:
        """What every car saw last, as the environments gave it."""
        return self._last_obs

    @property
    def episode_starts(self) -> np.ndarray[Any, Any]:
        """Whether each car is at the start of an episode."""
        starts: np.ndarray[Any, Any] = self._last_episode_starts
        return starts

    @property
    def driver(self) -> DeterministicPolicy:
        """What drives evaluations."""
        self.policy.set_training_mode(False)
        return DeterministicPolicy(self.policy)

    def start(self) -> None:
        """Resets the environments for the first collection."""
        self._last_obs = self.vector_env.reset()
        self._last_episode_starts = np.full(self.vector_env.num_envs, fill_value=True)

    def go_on(self, observations: Arrays, episode_starts: np.ndarray[Any, Any], total_steps: int) -> None:
        """Takes up what the cars saw last."""
        self._last_obs, self._last_episode_starts = observations, episode_starts
        self.num_timesteps = total_steps


def steps_per_env(hyperparameters: Hyperparameters, network: Network, n_envs: int) -> int:
    """Returns the largest number of vector steps of one collection."""
    wanted = hyperparameters.num_steps_between_training
    return max(2, (MAX_STEPS_PER_UPDATE[network] if wanted is None else wanted) // n_envs)


def is_collected(hyperparameters: Hyperparameters, episodes: int) -> bool:
    """Returns whether so many finished episodes make an update due."""
    by_steps = hyperparameters.num_steps_between_training is not None
    return not by_steps and episodes >= hyperparameters.num_episodes_between_training


def blind_actions(n_envs: int, n_dimensions: int) -> torch.Tensor:
    """Returns actions drawn evenly from [-1, 1]: float32 (n_envs, n_dimensions)."""
    return torch.rand(n_envs, n_dimensions) * 2.0 - 1.0
