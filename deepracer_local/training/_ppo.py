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
from typing import Any, cast

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import DictRolloutBuffer, RolloutBuffer
from torch.nn import functional

from deepracer_local.domain import Hyperparameters, Network
from deepracer_local.errors import InvalidInputError
from deepracer_local.training._adam import FusedAdam
from deepracer_local.training._exploration import epsilon_after, greedy_or_blind
from deepracer_local.training._learner import CarsInStep, StepListener, UpdateStatistics, is_collected, steps_per_env
from deepracer_local.training._observations import Tensors, batch_of_one, take, to_tensors
from deepracer_local.training._policy import policy_for, shares_layers
from deepracer_local.training._vector import InProcessVecEnv


class StepBuffer(RolloutBuffer):
    """SB3's rollout buffer that can be closed before it is full."""

    def close(self) -> None:
        """Keeps the steps added so far and forgets the rest; only before the returns are computed."""
        self.observations = self.observations[: self.pos]
        _close(self)


class SensorStepBuffer(DictRolloutBuffer):
    """The same for dictionaries of sensors."""

    def close(self) -> None:
        """Keeps the steps added so far and forgets the rest; only before the returns are computed."""
        self.observations = {name: array[: self.pos] for name, array in self.observations.items()}
        _close(self)


def _close(buffer: RolloutBuffer) -> None:
    for name in ("actions", "rewards", "episode_starts", "values", "log_probs", "advantages", "returns"):
        buffer.__dict__[name] = buffer.__dict__[name][: buffer.pos]
    buffer.buffer_size = buffer.pos
    buffer.full = True


class ClippedPPO(CarsInStep, PPO):
    """PPO with DeepRacer's hyperparameters; a ``Learner``."""

    rollout_buffer: StepBuffer | SensorStepBuffer
    replay = None

    def __init__(
        self,
        env: InProcessVecEnv,
        hyperparameters: Hyperparameters,
        network: Network,
        *,
        seed: int,
        camera: str = "",
    ) -> None:
        self.hyperparameters = hyperparameters
        policy, policy_kwargs = policy_for(env.observation_space, network, camera)
        self._capacity = steps_per_env(hyperparameters, network, env.num_envs)
        is_several = isinstance(env.observation_space, spaces.Dict)
        self._is_e_greedy = hyperparameters.exploration_type == "e-greedy" and isinstance(
            env.action_space, spaces.Discrete
        )
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
                rollout_buffer_class=SensorStepBuffer if is_several else StepBuffer,
                policy_kwargs=policy_kwargs,
                seed=seed,
                device="cpu",
                verbose=0,
            )
        # Where policy and value share layers, a jump of the value loss must not wreck the policy's features.
        # With separate networks the original clips nothing.
        self._max_gradient_norm = 0.5 if shares_layers(env.observation_space, network) else None

    @property
    def adam(self) -> FusedAdam:
        """The optimiser, with its moments."""
        return cast("FusedAdam", self.policy.optimizer)

    def optimizers(self) -> dict[str, FusedAdam]:
        """Returns the one optimiser; its moments carry no prefix."""
        return {"": self.adam}

    @property
    def epsilon(self) -> float | None:
        """How often an action is drawn blindly now; None unless exploration is e-greedy."""
        return epsilon_after(self.num_timesteps, self.hyperparameters) if self._is_e_greedy else None

    def collect(self, on_step: StepListener, should_stop: Callable[[], bool]) -> bool:
        """Drives with the current policy until an update is due, and fills the buffer.

        Returns:
            False where ``should_stop`` ended it early; the buffer is then of no use.
        """
        buffer = self.rollout_buffer
        buffer.buffer_size = self._capacity
        buffer.reset()
        self.policy.set_training_mode(False)
        episodes = 0
        while buffer.pos < self._capacity and not is_collected(self.hyperparameters, episodes):
            if should_stop():
                return False
            episodes += self._step(on_step)
        buffer.close()
        with torch.no_grad():
            last_values = self.policy.predict_values(cast("Any", to_tensors(self._last_obs)))
        assert self._last_episode_starts is not None
        buffer.compute_returns_and_advantage(last_values=last_values, dones=self._last_episode_starts)
        return True

    def _step(self, on_step: StepListener) -> int:
        """Steps every environment once; returns how many episodes ended."""
        env, seen, starts = self.vector_env, self._last_obs, self._last_episode_starts
        with torch.no_grad():
            actions_t, values, log_probs = self._choose(to_tensors(seen))
        actions = actions_t.numpy()
        space = self.action_space
        sent = np.clip(actions, space.low, space.high) if isinstance(space, spaces.Box) else actions
        observations, rewards, dones, infos = env.step(sent)
        on_step(sent, rewards, dones, infos)
        rewards = self._bootstrap_truncated(rewards, dones, infos)
        self.num_timesteps += env.num_envs
        self.rollout_buffer.add(seen, actions, rewards, starts, values, log_probs)
        self._last_obs, self._last_episode_starts = observations, dones
        return int(dones.sum())

    def _choose(self, seen: Tensors) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Returns actions, values and the policy's log-probabilities of these actions."""
        epsilon = self.epsilon
        if epsilon is None:
            chosen: tuple[torch.Tensor, torch.Tensor, torch.Tensor] = self.policy(seen)
            return chosen
        distribution = self.policy.get_distribution(cast("Any", seen))
        actions = greedy_or_blind(distribution.mode(), int(cast("spaces.Discrete", self.action_space).n), epsilon)
        return actions, self.policy.predict_values(cast("Any", seen)), distribution.log_prob(actions)

    def _bootstrap_truncated(self, rewards: Any, dones: Any, infos: Sequence[dict[str, Any]]) -> Any:
        """Returns the rewards with the value of what a time limit cut off (Pardo et al. 2018)."""
        for i in np.flatnonzero(dones).tolist():
            if infos[i]["TimeLimit.truncated"]:
                with torch.no_grad():
                    last = to_tensors(batch_of_one(infos[i]["terminal_observation"]))
                    value = self.policy.predict_values(cast("Any", last))
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
        observations, batch = self._flat_buffer()
        n = len(batch["returns"])
        totals = torch.zeros(5)
        n_batches = 0
        for _ in range(self.n_epochs):
            order = torch.randperm(n)
            for start in range(0, n, self.batch_size):
                if should_stop():
                    return None
                index = order[start : start + self.batch_size]
                minibatch = {name: tensor[index] for name, tensor in batch.items()}
                totals += self._gradient_step(take(observations, index), minibatch)
                n_batches += 1
        self._n_updates += self.n_epochs
        policy_loss, value_loss, entropy, kl_divergence, clip_fraction = (totals / n_batches).tolist()
        return UpdateStatistics(policy_loss, value_loss, entropy, kl_divergence, clip_fraction, self.epsilon)

    def _flat_buffer(self) -> tuple[Tensors, dict[str, torch.Tensor]]:
        """Returns the observations, and all else by name."""
        buffer = self.rollout_buffer
        flatten = RolloutBuffer.swap_and_flatten
        seen: Any = buffer.observations
        observations = {k: flatten(v) for k, v in seen.items()} if isinstance(seen, dict) else flatten(seen)
        actions = torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.actions))
        return to_tensors(observations), {
            "actions": actions.long().flatten() if isinstance(self.action_space, spaces.Discrete) else actions,
            "log_probs": torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.log_probs)).flatten(),
            "advantages": torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.advantages)).flatten(),
            "returns": torch.from_numpy(RolloutBuffer.swap_and_flatten(buffer.returns)).flatten(),
        }

    def _gradient_step(self, observations: Tensors, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Takes one step on one minibatch; returns the five statistics as float32 (5,)."""
        values, log_probs, entropies = self.policy.evaluate_actions(cast("Any", observations), batch["actions"])
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
        loss.backward()
        if self._max_gradient_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self._max_gradient_norm)
        self.adam.step()
        with torch.no_grad():
            kl_divergence = (ratio - 1.0 - log_ratio).mean()  # Schulman's low-variance estimate
            clip_fraction = ((ratio - 1.0).abs() > 0.2).float().mean()
            return torch.stack(
                [policy_loss.detach(), value_loss.detach(), entropy.detach(), kl_divergence, clip_fraction]
            )
