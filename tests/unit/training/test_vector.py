"""Environments whose rewards are asked for at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepracer_local.errors import RewardError
from deepracer_local.training._vector import InProcessVecEnv, Judged
from tests.unit.training.conftest import Corridor


class HalfCorridor(Corridor):
    """The corridor in two halves."""

    def begin_step(self, action: np.int64) -> Any:
        self._half = self.step(action)
        return self._half[1]

    def observe(self) -> None:
        """The observation was made with the move."""

    def finish_step(self, reward: float) -> Any:
        observation, _, terminated, truncated, info = self._half
        return observation, reward, terminated, truncated, info


class Doubling:
    """Gives twice the environment's own reward, and has something to say of the second one."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.error = RewardError("no", line=3)

    def ask(self, states: Sequence[Any]) -> None:
        self.asked.append(len(states))
        self.states = states

    def answers(self) -> list[Judged]:
        first, *rest = [Judged(2.0 * state) for state in self.states]
        return [first, *(Judged(judged.reward, "said", self.error) for judged in rest)]

    def last_words(self) -> list[str]:
        return []


def test_one_question_gives_the_rewards_of_all() -> None:
    judge = Doubling()
    whole = InProcessVecEnv([Corridor, Corridor, Corridor])
    halves = InProcessVecEnv([HalfCorridor, HalfCorridor, HalfCorridor], judge)
    for vector in (whole, halves):
        vector.seed(3)
        vector.reset()

    for step in range(40):
        actions = np.array([step % 2, 1, 0])
        observations, rewards, dones, _ = whole.step(actions)
        others = halves.step(actions)

        assert np.array_equal(observations, others[0])
        assert np.array_equal(2.0 * rewards, others[1])
        assert np.array_equal(dones, others[2])
        assert [info.get("terminal_observation") is None for info in others[3]] == [not done for done in dones]
        assert [info["reward_printed"] for info in others[3]] == ["", "said", "said"]
        assert [info["reward_error"] for info in others[3]] == [None, judge.error, judge.error]
    assert judge.asked == [3] * 40
