"""A training of some dozens of steps: the real environment, the real sandbox, no learner."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from deepracer_local.domain import RewardParams
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import RewardError
from deepracer_local.reward import RewardFunction
from deepracer_local.reward.sandbox import CarReward, open_sandbox

SOUND = "def reward_function(params):\n    return 1.0 / (1.0 + params['distance_from_center'])\n"
_TOP_SPEED = {"action_space": [{"steering_angle": 0, "speed": 4.0}], "sensor": ["FRONT_FACING_CAMERA"], "version": "5"}


class Driven(NamedTuple):
    """What came of it."""

    steps: list[tuple[float, ...]]
    """Reward, x, y, progress and outcome's length of each step."""
    error: RewardError | None
    seconds_to_verdict: float
    """From the question that failed to the error."""
    printed: str


class _Exchangeable:
    """Stands where the environment wants its reward function."""

    def __init__(self) -> None:
        self.inner: RewardFunction | None = None
        self.asked_at = 0.0

    def begin(self) -> None:
        if self.inner is not None:
            self.inner.begin()

    def call(self, params: RewardParams) -> float:
        assert self.inner is not None
        self.asked_at = time.monotonic()
        return self.inner.call(params)

    def close(self) -> None:
        self.inner = None


class ShortTraining:
    """One environment, used for one function after the other."""

    def __init__(self) -> None:
        self._reward = _Exchangeable()
        self._env = DeepRacerEnv("oval", self._reward, _TOP_SPEED, simulator="kinematic")

    def run(self, text: str, n_steps: int) -> Driven:
        """Drives straight on at 4 m/s, off the road, and from the next start again."""
        asked_at = time.monotonic()
        try:
            sandbox = open_sandbox(text)
        except RewardError as err:
            return Driven([], err, time.monotonic() - asked_at, "")
        steps: list[tuple[float, ...]] = []
        error = None
        self._reward.inner = CarReward(sandbox, 0)
        try:
            self._env.reset(seed=3)
            for _ in range(n_steps):
                steps.append(self._step())
        except RewardError as err:
            error = err
        finally:
            seconds = time.monotonic() - self._reward.asked_at
            printed = "".join(it.text for it in sandbox.take_printed())
            sandbox.close()
        return Driven(steps, error, seconds, printed)

    def close(self) -> None:
        """Gives the world back."""
        self._env.close()

    def _step(self) -> tuple[float, ...]:
        _, reward, terminated, truncated, info = self._env.step(0)
        params: dict[str, Any] = info["reward_params"]
        if terminated or truncated:
            self._env.reset()
        return float(reward), params["x"], params["y"], params["progress"], float(terminated)
