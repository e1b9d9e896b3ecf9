"""Several environments stepped one after the other in this process."""

from __future__ import annotations

from typing import Any

import numpy as np
from stable_baselines3.common.vec_env import DummyVecEnv


class InProcessVecEnv(DummyVecEnv):
    """SB3's in-process vector without its deep copy of the ``info`` dictionaries.

    That copy took longer than a whole simulation step: each ``info`` holds the reward parameters with all waypoints.
    The environments make a fresh dictionary each step, so nothing is shared.
    """

    def step_wait(self) -> Any:
        """Steps every environment; returns observations, rewards, dones and infos as SB3 defines them."""
        infos: list[dict[str, Any]] = []
        for i, env in enumerate(self.envs):
            observation, reward, terminated, truncated, info = env.step(self.actions[i])
            done = terminated or truncated
            info["TimeLimit.truncated"] = truncated and not terminated
            if done:
                info["terminal_observation"] = observation
                observation, self.reset_infos[i] = env.reset()
            self.buf_rews[i] = reward
            self.buf_dones[i] = done
            self._save_obs(i, observation)
            infos.append(info)
        self.buf_infos = infos
        return self._obs_from_buf(), np.copy(self.buf_rews), np.copy(self.buf_dones), infos
