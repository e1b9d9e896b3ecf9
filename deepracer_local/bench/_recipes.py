"""The trainings that show what is learnt here: which files and options, and for how many steps.

A recipe is the command ``deepracer-local train`` and the files that it is given, nothing else: whoever copies them trains
the same model.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deepracer_local.reward import find_example

OWN_LOOPS = (
    "reinvent_2018",
    "alley",
    "boulevard",
    "chicane",
    "clover",
    "dogbone",
    "grand_tour",
    "harbour",
    "kidney",
    "oval",
    "serpent",
    "switchback",
    "triangle",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training.

    Attributes:
        name: of the folder that it goes to.
        reward: the example that pays.
        options: of ``deepracer-local train``, beside the files and the seed.
        hyperparameters: the content of ``hyperparameters.json``.
        metadata: the content of ``model_metadata.json``; empty for the default.
    """

    name: str
    reward: str
    options: tuple[str, ...]
    hyperparameters: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def lay_out(self, folder: Path) -> list[str]:
        """Writes the files into ``folder`` and returns the options that name them."""
        folder.mkdir(parents=True, exist_ok=True)
        given = ["--reward", str(find_example(self.reward).path)]
        files = (("hyperparameters", self.hyperparameters), ("model_metadata", self.metadata))
        for name, content in files:
            if content:
                path = folder / f"{name}.json"
                path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
                given += [f"--{name.replace('_', '-')}", str(path)]
        return [*given, *self.options]

    def command(self, folder: Path, *, seed: int) -> list[str]:
        """Returns the command that trains it into ``folder/run``; the files must have been laid out there."""
        start = [sys.executable, "-m", "deepracer_local", "train"]
        return [*start, *self.lay_out(folder), "--seed", str(seed), "--out", str(folder / "run"), "--json"]


def _fast(**changes: Any) -> dict[str, Any]:
    """Returns the fast preset with some changes."""
    return {
        "batch_size": 128,
        "num_epochs": 4,
        "lr": 1e-3,
        "beta_entropy": 0.01,
        "discount_factor": 0.95,
        "loss_type": "mean squared error",
        "num_steps_between_training": 512,
        **changes,
    }


def _actions(angles: Sequence[float], speeds: Sequence[float]) -> list[dict[str, float]]:
    return [{"steering_angle": angle, "speed": speed} for speed in speeds for angle in angles]


def _metadata(actions: Sequence[Mapping[str, float]], sensors: Sequence[str] = ("FRONT_FACING_CAMERA",)) -> dict[str, Any]:
    return {
        "action_space": list(actions),
        "action_space_type": "discrete",
        "sensor": list(sensors),
        "neural_network": "FAST_CONVOLUTIONAL_NETWORK",
        "training_algorithm": "clipped_ppo",
        "version": "5",
    }
