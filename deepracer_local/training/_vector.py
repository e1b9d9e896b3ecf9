"""Several environments stepped one after the other in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import gymnasium
import numpy as np
from stable_baselines3.common.vec_env import DummyVecEnv

from deepracer_local.errors import RewardError


class Judged(NamedTuple):
    """What came of asking for the reward of one step."""

    reward: float
    printed: str = ""
    """What the user's function printed meanwhile."""
    error: RewardError | None = None
    """Why the reward is not the user's own."""


class Judge(Protocol):
    """Gives the rewards of all environments at once."""

    def ask(self, states: Sequence[Any]) -> None:
        """Takes what ``begin_step`` of every environment returned, and may work on it until ``answers``.

        Raises:
            RewardError: the training cannot go on.
        """

    def answers(self) -> Sequence[Judged]:
        """Returns the reward of each of these states.

        Raises:
            RewardError: the training cannot go on.
        """

    def last_words(self) -> Sequence[str]:
        """Returns what was printed for each environment in the call that raised."""


class HalfSteps(Protocol):
    """An environment whose step waits for its reward; a ``Judge`` gives it."""

    def observe(self) -> Any:
        """Looks, between the two: while the judge is at work."""

    def begin_step(self, action: Any) -> Any:
        """Moves; returns what the judge is asked."""

    def finish_step(self, reward: float) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Returns what Gymnasium's ``step`` returns."""


class InProcessVecEnv(DummyVecEnv):
    """SB3's in-process vector without its deep copy of the ``info`` dictionaries.

    That copy took longer than a whole simulation step: each ``info`` holds the reward parameters with all waypoints.
    The environments make a fresh dictionary each step, so nothing is shared.

    With a judge, the environments offer ``HalfSteps``, and one question gives the rewards of all of them. What was
    printed and what failed is then in ``info`` as ``reward_printed`` and ``reward_error``.
    """

    def __init__(self, makers: Sequence[Callable[[], gymnasium.Env[Any, Any]]], judge: Judge | None = None) -> None:
        super().__init__(list(makers))
        self._judge = judge

    def replace_all(self, makers: Sequence[Callable[[], gymnasium.Env[Any, Any]]], *, seed: int) -> None:
        """Closes all environments and puts as many new ones into their places, which ``reset`` has to begin.

        Args:
            makers: as many as there are environments, of the same spaces.
            seed: of the first one; each further one has the next number.
        """
        for env in self.envs:
            env.close()
        self.envs = [make() for make in makers]
        self.seed(seed)

    def step_wait(self) -> Any:
        """Steps every environment; returns observations, rewards, dones and infos as SB3 defines them."""
        judged = self._judged()
        infos: list[dict[str, Any]] = []
        for i, env in enumerate(self.envs):
            if judged is None:
                observation, reward, terminated, truncated, info = env.step(self.actions[i])
            else:
                halves: HalfSteps = env  # type: ignore[assignment]  # whoever gives a judge has made them so
                observation, reward, terminated, truncated, info = halves.finish_step(judged[i].reward)
                info["reward_printed"], info["reward_error"] = judged[i].printed, judged[i].error
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

    def _judged(self) -> Sequence[Judged] | None:
        """Moves all environments and asks for their rewards; None where each finds its own.

        Where the rewards come from another process, it computes them while this one makes the pictures.
        """
        if self._judge is None:
            return None
        halves: list[HalfSteps] = self.envs  # type: ignore[assignment]  # see step_wait
        self._judge.ask([env.begin_step(self.actions[i]) for i, env in enumerate(halves)])
        for env in halves:
            env.observe()
        return self._judge.answers()
