"""Clipped PPO: Stable-Baselines3's, with the original's update rhythm and losses.

What differs from ``stable_baselines3.PPO``: an update may follow a number of finished episodes instead of a fixed
number of steps; the value loss may be Huber's; one random generator (torch's) drives sampling and shuffling, so that
its state is all that a checkpoint needs; both phases can be left at any moment.

Source: Schulman et al. 2017 (clipped surrogate), 2016 (generalised advantages); the original's constants (reference,
section 4.1): clip 0.2, lambda 0.95, Adam epsilon 1e-5, normalised advantages.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from torch.nn import functional

from deepracer_local.domain import Hyperparameters, Network
from deepracer_local.errors import InvalidInputError
from deepracer_local.training._adam import FusedAdam
from deepracer_local.training._networks import TOPOLOGIES
from deepracer_local.training._policy import is_picture, policy_for
from deepracer_local.training._vector import InProcessVecEnv

MAX_STEPS_PER_UPDATE = {Network.SHALLOW: 10_000, Network.FAST: 10_000, Network.DEEP: 3_000, Network.DEEPER: 3_000}
"""Environment steps of one update at most. Source: the original's fixed limits (reference, section 4.1)."""

StepListener = Callable[
    [np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any], Sequence[dict[str, Any]]], None
]
"""Called after each vector step with actions (n_envs, …), rewards (n_envs,), dones (n_envs,) and infos."""


@dataclass(frozen=True, slots=True)
class UpdateStatistics:
    """Means over the minibatches of one policy update."""

    policy_loss: float
    value_loss: float
    entropy: float
    kl_divergence: float
    clip_fraction: float


class StepBuffer(RolloutBuffer):
    """SB3's rollout buffer that can be closed before it is full."""

    def close(self) -> None:
        """Keeps the steps added so far and forgets the rest; only before the returns are computed."""
        if self.pos < self.buffer_size:
            for name in ("observations", "actions", "rewards", "episode_starts", "values", "log_probs"):
                self.__dict__[name] = self.__dict__[name][: self.pos]
            self.advantages = self.advantages[: self.pos]
            self.returns = self.returns[: self.pos]
            self.buffer_size = self.pos
        self.full = True


class ClippedPPO(PPO):
    """PPO with DeepRacer's hyperparameters.

    Law: after the same seed and the same environments, ``collect`` and ``update`` give the same weights, bit for bit,
    with one thread.
    """

    rollout_buffer: StepBuffer

    def __init__(self, env: InProcessVecEnv, hyperparameters: Hyperparameters, network: Network, *, seed: int) -> None:
        self.hyperparameters = hyperparameters
        policy, policy_kwargs = policy_for(env.observation_space, network)
        self._capacity = _steps_per_env(hyperparameters, network, env.num_envs)
        with warnings.catch_warnings():
            # SB3 warns that the last minibatch may be smaller: after a number of episodes it nearly always is.
            warnings.filterwarnings("ignore", message="You have specified a mini-batch size")
            super().__init__(
                policy,
                env,
                learning_rate=hyperparameters.lr,
                n_steps=self._capacity,
                batch_size=hyperparameters.batch_size,
                n_epochs=hyperparameters.num_epochs,
                gamma=hyperparameters.discount_factor,
                gae_lambda=0.95,
                clip_range=0.2,
                ent_coef=hyperparameters.beta_entropy,
                rollout_buffer_class=StepBuffer,
                policy_kwargs=policy_kwargs,
                seed=seed,
                device="cpu",
                verbose=0,
            )
        # Where policy and value share layers, a jump of the value loss must not wreck the policy's features.
        # With separate networks the original clips nothing.
        shares = not is_picture(env.observation_space) or TOPOLOGIES[network].is_shared
        self._max_gradient_norm = 0.5 if shares else None

    def start(self) -> None:
        """Resets the environments for the first collection."""
        env = self._vector_env
        self._last_obs = env.reset()  # type: ignore[assignment]  # never a tuple
        self._last_episode_starts = np.full(env.num_envs, fill_value=True)

    @staticmethod
    def _wrap_env(env: Any, verbose: int = 0, monitor_wrapper: bool = True) -> Any:
        """Returns ``env`` as it is: SB3 would put channels first, which our networks do for themselves."""
        return env

    @property
    def observations(self) -> Any:
        """What every car saw last: (n_envs, ...), as the environments gave it."""
        return self._last_obs

    @property
    def adam(self) -> FusedAdam:
        """The optimiser, with its moments."""
        return cast("FusedAdam", self.policy.optimizer)

    @property
    def _vector_env(self) -> InProcessVecEnv:
        assert isinstance(self.env, InProcessVecEnv)
        return self.env

    def collect(self, on_step: StepListener, should_stop: Callable[[], bool]) -> bool:
        """Drives with the current policy until an update is due, and fills the buffer.

        Returns:
            False where ``should_stop`` ended it early; the buffer is then of no use.
        """
        buffer = self.rollout_buffer
        buffer.buffer_size = self._capacity
        buffer.reset()
        self.policy.set_training_mode(False)
        wanted_episodes = self.hyperparameters.num_episodes_between_training
        by_steps = self.hyperparameters.num_steps_between_training is not None
        episodes = 0
        while buffer.pos < self._capacity and (by_steps or episodes < wanted_episodes):
            if should_stop():
                return False
            episodes += self._step(on_step)
        buffer.close()
        with torch.no_grad():
            last_values = self.policy.predict_values(torch.as_tensor(self._last_obs))
        assert self._last_episode_starts is not None
        buffer.compute_returns_and_advantage(last_values=last_values, dones=self._last_episode_starts)
        return True

    def _step(self, on_step: StepListener) -> int:
        """Steps every environment once; returns how many episodes ended."""
        env, seen, starts = self._vector_env, self._last_obs, self._last_episode_starts
        assert isinstance(seen, np.ndarray)
        assert starts is not None
        with torch.no_grad():
            actions_t, values, log_probs = self.policy(torch.from_numpy(seen))
        actions = actions_t.numpy()
        space = self.action_space
        sent = np.clip(actions, space.low, space.high) if isinstance(space, spaces.Box) else actions
        observations, rewards, dones, infos = env.step(sent)
        on_step(sent, rewards, dones, infos)
        rewards = self._bootstrap_truncated(rewards, dones, infos)
        self.num_timesteps += env.num_envs
        self.rollout_buffer.add(seen, actions, rewards, starts, values, log_probs)
        self._last_obs, self._last_episode_starts = observations, dones  # type: ignore[assignment]  # never a tuple
        return int(dones.sum())

    def _bootstrap_truncated(self, rewards: Any, dones: Any, infos: Sequence[dict[str, Any]]) -> Any:
        """Returns the rewards with the value of what a time limit cut off (Pardo et al. 2018)."""
        for i in np.flatnonzero(dones).tolist():
            if infos[i]["TimeLimit.truncated"]:
                with torch.no_grad():
                    value = self.policy.predict_values(torch.as_tensor(infos[i]["terminal_observation"][None]))
                rewards[i] += self.gamma * float(value)
        return rewards

    def update(self, should_stop: Callable[[], bool]) -> UpdateStatistics | None:
        """Takes the gradient steps of one policy update.

        Returns:
            The statistics, or None where ``should_stop`` ended it early; the weights are then half updated.

        Raises:
            InvalidInputError: the loss is no longer finite.
        """
        self.policy.set_training_mode(True)
        batch = self._flat_buffer()
        n = len(batch["returns"])
        totals = torch.zeros(5)
        n_batches = 0
        for _ in range(self.n_epochs):
            order = torch.randperm(n)
            for start in range(0, n, self.batch_size):
                if should_stop():
                    return None
                index = order[start : start + self.batch_size]
                totals += self._gradient_step({name: tensor[index] for name, tensor in batch.items()})
                n_batches += 1
        self._n_updates += self.n_epochs
        return UpdateStatistics(*(totals / n_batches).tolist())

    def _flat_buffer(self) -> dict[str, torch.Tensor]:
        buffer = self.rollout_buffer
        actions = torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.actions))
        return {
            "observations": torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.observations)),
            "actions": actions.long().flatten() if isinstance(self.action_space, spaces.Discrete) else actions,
            "log_probs": torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.log_probs)).flatten(),
            "advantages": torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.advantages)).flatten(),
            "returns": torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.returns)).flatten(),
        }

    def _gradient_step(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Takes one step on one minibatch; returns the five statistics as float32 (5,)."""
        values, log_probs, entropies = self.policy.evaluate_actions(batch["observations"], batch["actions"])
        assert entropies is not None
        advantages = batch["advantages"]
        if len(advantages) > 1:
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        log_ratio = log_probs - batch["log_probs"]
        ratio = log_ratio.exp()
        policy_loss = -torch.min(advantages * ratio, advantages * ratio.clamp(0.8, 1.2)).mean()
        is_huber = self.hyperparameters.loss_type == "huber"
        value_loss = (functional.huber_loss if is_huber else functional.mse_loss)(values.flatten(), batch["returns"])
        entropy = entropies.mean()
        loss = policy_loss - self.ent_coef * entropy + self.vf_coef * value_loss
        if not math.isfinite(loss.item()):
            raise InvalidInputError(
                f"Expected a finite loss, got policy loss {policy_loss.item()} and value loss {value_loss.item()}: the "
                "learning diverged. Lower lr, or scale the rewards to about 0 to 1."
            )
        self.adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        if self._max_gradient_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self._max_gradient_norm)
        self.adam.step()
        with torch.no_grad():
            kl_divergence = (ratio - 1.0 - log_ratio).mean()  # Schulman's low-variance estimate
            clip_fraction = ((ratio - 1.0).abs() > 0.2).float().mean()
            return torch.stack(
                [policy_loss.detach(), value_loss.detach(), entropy.detach(), kl_divergence, clip_fraction]
            )


def _steps_per_env(hyperparameters: Hyperparameters, network: Network, n_envs: int) -> int:
    """Returns the largest number of vector steps of one collection."""
    wanted = hyperparameters.num_steps_between_training
    return max(2, (MAX_STEPS_PER_UPDATE[network] if wanted is None else wanted) // n_envs)
