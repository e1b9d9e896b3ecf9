"""A tiny environment with a known optimum, and a trainer around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from deepracer_local.domain import Hyperparameters, LapRecord, Outcome, StopRules, TrainSpec
from deepracer_local.runs import RunDirectory
from deepracer_local.training import Trainer, one_stage


class Corridor(gymnasium.Env[np.ndarray, np.int64]):
    """Ten cells in a row; the goal is at the end that the observation's sign names.

    Optimum: always step towards the named end: five steps, return 1. A step the other way costs as it delays; after
    30 steps the episode is cut off. An evaluation "lap" is one episode; it is clean where the goal was reached.
    """

    observation_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self) -> None:
        self._cell = 0
        self._goal = 1
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self._cell, self._steps = 0, 0
        self._goal = 1 if self.np_random.random() < 0.5 else -1
        return self._observe(), {}

    def step(self, action: np.int64) -> Any:
        self._cell += 1 if int(action) else -1
        self._steps += 1
        reached = self._cell == 5 * self._goal
        cut_off = self._steps >= 30 and not reached
        reward = 1.0 if reached else -0.02
        info: dict[str, Any] = {}
        if reached or cut_off:
            outcome = Outcome.LAP_COMPLETE if reached else Outcome.TIME_UP
            info["laps"] = (
                LapRecord(
                    trial=1, time_s=self._steps / 15, progress=100.0 * reached, steps=self._steps, outcome=outcome
                ),
            )
        return self._observe(), reward, reached, cut_off, info

    def get_state(self) -> dict[str, Any]:
        random_state = self.np_random.bit_generator.state
        return {"cell": self._cell, "goal": self._goal, "steps": self._steps, "random": random_state}

    def set_state(self, state: dict[str, Any]) -> None:
        self._cell, self._goal, self._steps = state["cell"], state["goal"], state["steps"]
        self.np_random.bit_generator.state = state["random"]

    def _observe(self) -> np.ndarray:
        return np.array([self._goal, self._cell / 10], np.float32)


CORRIDOR_HYPERPARAMETERS = Hyperparameters(
    batch_size=64, num_epochs=4, lr=1e-3, discount_factor=0.95, num_steps_between_training=256
)


def corridor_spec(**changes: Any) -> TrainSpec:
    values: dict[str, Any] = {
        "track": "corridor",
        "seed": 3,
        "n_envs": 8,
        "hyperparameters": CORRIDOR_HYPERPARAMETERS,
        "stop": StopRules(max_steps=1024),
        "evaluation_laps": 4,
        "checkpoint_every": 2,
    }
    return TrainSpec(**(values | changes))


MakeTrainer = Callable[..., Trainer]


@pytest.fixture
def make_trainer(tmp_path: Path) -> MakeTrainer:
    """Makes a trainer of the corridor in a run directory of its own below ``tmp_path``."""

    def make(name: str = "run", **options: Any) -> Trainer:
        spec = options.pop("spec", None) or corridor_spec()
        run = RunDirectory(tmp_path / name)
        run.path.mkdir(exist_ok=True)
        environments = options.pop("environments", None) or one_stage(spec, lambda _rank: Corridor(), Corridor())
        return Trainer(spec, run, environments, **options)

    return make
