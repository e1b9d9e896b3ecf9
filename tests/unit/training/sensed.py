"""A tiny environment with any set of sensors, whose reward tells what an action was worth."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from deepracer_local.domain import LapRecord, Outcome

EPISODE_STEPS = 8


class Sensed(gymnasium.Env[Any, Any]):
    """A light that stands left, in the middle or right; the best action names its place.

    Each picture is bright in the third where the light is, and each number of the other sensors says the same. An
    episode is cut off after ``EPISODE_STEPS``, or ends by itself where the light stands right.
    """

    def __init__(self, sensors: dict[str, tuple[int, ...]] | tuple[int, ...], *, is_continuous: bool) -> None:
        self._single = not isinstance(sensors, dict)
        shapes = sensors if isinstance(sensors, dict) else {"": sensors}
        boxes = {name: _box(shape) for name, shape in shapes.items()}
        self.observation_space: spaces.Space[Any] = boxes[""] if self._single else spaces.Dict(boxes)
        self._boxes = boxes
        self.is_continuous = is_continuous
        self.action_space: spaces.Space[Any] = (
            spaces.Box(-1.0, 1.0, (2,), np.float32) if is_continuous else spaces.Discrete(3)
        )
        self._place = 0
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self._steps = 0
        return self._look(), {}

    def step(self, action: Any) -> Any:
        self._steps += 1
        if self.is_continuous:
            reward = 1.0 - abs(float(action[0]) - (self._place - 1) * 0.8)
        else:
            reward = float(int(action) == self._place)
        ended = self._steps >= EPISODE_STEPS
        terminated = ended and self._place == 2
        info: dict[str, Any] = {}
        if ended:
            lap = LapRecord(trial=1, time_s=1.0, progress=50.0, steps=self._steps, outcome=Outcome.TIME_UP)
            info["laps"] = (lap,)
        return self._look(), reward, terminated, ended and not terminated, info

    def get_state(self) -> dict[str, Any]:
        return {"place": self._place, "steps": self._steps, "random": self.np_random.bit_generator.state}

    def set_state(self, state: dict[str, Any]) -> None:
        self._place, self._steps = state["place"], state["steps"]
        self.np_random.bit_generator.state = state["random"]

    def _look(self) -> Any:
        self._place = int(self.np_random.integers(3))
        seen = {name: self._seen(box) for name, box in self._boxes.items()}
        return seen[""] if self._single else seen

    def _seen(self, box: spaces.Box[Any]) -> np.ndarray[Any, Any]:
        if box.dtype != np.uint8:
            return np.full(box.shape, self._place - 1, np.float32)
        picture = np.full(box.shape, 70, np.uint8)
        third = box.shape[1] // 3
        picture[:, third * self._place : third * (self._place + 1)] = 230
        return picture


def _box(shape: tuple[int, ...]) -> spaces.Box[Any]:
    return spaces.Box(0, 255, shape, np.uint8) if len(shape) == 3 else spaces.Box(-1.0, 1.0, shape, np.float32)
