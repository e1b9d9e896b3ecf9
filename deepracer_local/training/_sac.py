"""Soft actor-critic: Stable-Baselines3's, with the rhythm of this training.

What differs from ``stable_baselines3.SAC``: all cars drive until an update is due, then as many gradient steps follow
as steps were driven; the memory is packed and part of a checkpoint; one random generator (torch's) drives sampling and
learning; both phases can be left at any moment.

Source: Haarnoja et al. 2018 (arXiv:1801.01290), a fixed temperature, two critics; the original's heads and its one
gradient step per driven step (reference, sections 3.4 and 4.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from stable_baselines3 import SAC
from stable_baselines3.common.logger import Logger

from deepracer_local.domain import Hyperparameters, Network
from deepracer_local.errors import InvalidInputError
from deepracer_local.training._adam import FusedAdam
from deepracer_local.training._learner import (
    CarsInStep,
    StepListener,
    UpdateStatistics,
    blind_actions,
    is_collected,
    steps_per_env,
)
from deepracer_local.training._observations import batch_of_one, to_tensors
from deepracer_local.training._policy import SoftPolicy, soft_policy_for
from deepracer_local.training._replay import ReplayMemory, Transition
from deepracer_local.training._vector import InProcessVecEnv

BLIND_STEPS = 256
"""So many first steps are driven blindly and not learnt from yet: the memory is to hold more than one batch."""
_TAU = 0.005
"""Share of the critics that goes into their slow copies at each gradient step; SB3's and the paper's."""


class SoftActorCritic(CarsInStep, SAC):
    """SAC with DeepRacer's hyperparameters; a ``Learner``."""

    policy: SoftPolicy

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
        policy, policy_kwargs = soft_policy_for(env.observation_space, network, camera)
        self._capacity = steps_per_env(hyperparameters, network, env.num_envs)
        self._due = 0
        super().__init__(
            policy,
            env,
            learning_rate=hyperparameters.lr,
            buffer_size=1,  # SB3's own buffer, which the packed memory replaces
            batch_size=hyperparameters.batch_size,
            tau=_TAU,
            gamma=hyperparameters.discount_factor,
            ent_coef=hyperparameters.sac_alpha,
            policy_kwargs=policy_kwargs,
            seed=seed,
            device="cpu",
            verbose=0,
        )
        self.replay = ReplayMemory(env.observation_space)
        self.replay_buffer = self.replay  # type: ignore[assignment]  # all that SB3's gradient steps ask of it is there
        self.set_logger(Logger(folder=None, output_formats=[]))

    def optimizers(self) -> dict[str, FusedAdam]:
        """Returns the optimisers of what acts and of what judges."""
        acting, judging = self.policy.actor.optimizer, self.policy.critic.optimizer
        return {"actor.": cast("FusedAdam", acting), "critic.": cast("FusedAdam", judging)}

    def collect(self, on_step: StepListener, should_stop: Callable[[], bool]) -> bool:
        """Drives with the current policy until an update is due; every step is remembered."""
        self.policy.set_training_mode(False)
        n_envs = self.vector_env.num_envs
        packed = self.replay.packing.pack_all(self._last_obs, n_envs)
        steps = episodes = 0
        while steps < self._capacity and not is_collected(self.hyperparameters, episodes):
            if should_stop():
                return False
            ended, packed = self._step(packed, on_step)
            episodes += ended
            steps += 1
        self._due = steps * n_envs
        return True

    def _step(self, before: list[bytes], on_step: StepListener) -> tuple[int, list[bytes]]:
        """Steps every environment once.

        Args:
            before: what each car saw last, packed.
            on_step: is told.

        Returns:
            How many episodes ended, and what each car sees now, packed.
        """
        env = self.vector_env
        with torch.no_grad():
            if self.num_timesteps < BLIND_STEPS:
                actions = blind_actions(env.num_envs, int(np.prod(self.action_space.shape or ())))
            else:
                actions = self.policy.actor(to_tensors(self._last_obs))
        sent = actions.numpy()
        observations, rewards, dones, infos = env.step(sent)
        on_step(sent, rewards, dones, infos)
        packed = self.replay.packing.pack_all(observations, env.num_envs)
        for i, info in enumerate(infos):
            after = packed[i]
            if dones[i]:
                after = self.replay.packing.pack_all(batch_of_one(info["terminal_observation"]), 1)[0]
            is_end = bool(dones[i]) and not info["TimeLimit.truncated"]
            self.replay.add(Transition(before[i], after, sent[i].copy(), float(rewards[i]), is_end))
        self.num_timesteps += env.num_envs
        self._last_obs, self._last_episode_starts = observations, dones
        return int(dones.sum()), packed

    def update(self, should_stop: Callable[[], bool]) -> UpdateStatistics | None:
        """Takes one gradient step for each step that was driven since the last update."""
        n_steps = self._due if self.num_timesteps > BLIND_STEPS else 0
        totals = np.zeros(2)
        for _ in range(n_steps):
            if should_stop():
                return None
            self.train(1, self.hyperparameters.batch_size)
            totals += self._losses()
        if n_steps == 0:
            return UpdateStatistics(None, None, None, None, None)
        policy_loss, value_loss = (totals / n_steps).tolist()
        return UpdateStatistics(policy_loss, value_loss, None, None, None)

    def _losses(self) -> tuple[float, float]:
        values = self.logger.name_to_value
        losses = (float(values["train/actor_loss"]), float(values["train/critic_loss"]))
        if not all(map(math.isfinite, losses)):
            raise InvalidInputError(
                f"Expected finite losses, got policy loss {losses[0]} and value loss {losses[1]}: the learning "
                "diverged. Lower lr, or scale the rewards to about 0 to 1."
            )
        return losses
