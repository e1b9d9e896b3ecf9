"""The trainings that show what is learnt here: which files and options, and for how many steps.

A recipe is the command ``deepracer-local train`` and the files that it is given, nothing else: whoever copies them
trains the same model.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepracer_local.reward import find_example

OWN_TRACKS = (
    "reinvent_2018",
    "alley",
    "boulevard",
    "chicane",
    "clover",
    "dogbone",
    "drag_strip",
    "grand_tour",
    "harbour",
    "hill_stage",
    "kidney",
    "oval",
    "serpent",
    "switchback",
    "triangle",
)
"""All tracks of the project; some are open roads."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training.

    Attributes:
        name: of the folder that it goes to.
        reward: the example that pays.
        options: of ``deepracer-local train``, beside the files and the seed.
        hyperparameters: the content of ``hyperparameters.json``.
        metadata: the content of ``model_metadata.json``.
        curriculum: the content of ``curriculum.json``, if any.
        goal: how long it may take, in words.
    """

    name: str
    reward: str
    options: tuple[str, ...]
    hyperparameters: Mapping[str, Any]
    metadata: Mapping[str, Any]
    curriculum: Mapping[str, Any] | None = None
    goal: str = ""

    def lay_out(self, folder: Path) -> list[str]:
        """Writes the files into ``folder`` and returns the options that name them."""
        folder.mkdir(parents=True, exist_ok=True)
        given = ["--reward", str(find_example(self.reward).path)]
        files = {"hyperparameters": self.hyperparameters, "model_metadata": self.metadata}
        if self.curriculum is not None:
            files["curriculum"] = self.curriculum
        for name, content in files.items():
            path = folder / f"{name}.json"
            path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            given += [f"--{name.replace('_', '-')}", str(path)]
        return [*given, *self.options]

    def command(self, folder: Path, *, seed: int) -> list[str]:
        """Returns the command that trains it into ``folder/run``; the files must have been laid out there."""
        start = [sys.executable, "-m", "deepracer_local", "train"]
        return [*start, *self.lay_out(folder), "--seed", str(seed), "--out", str(folder / "run"), "--json"]


def _hyperparameters(**chosen: Any) -> dict[str, Any]:
    """Returns what the recipes have in common, and what is chosen for one."""
    common = {"num_epochs": 4, "beta_entropy": 0.01, "loss_type": "mean squared error"}
    return {**common, **chosen}


def _metadata(speeds_mps: Sequence[float], *sensors: str) -> dict[str, Any]:
    """Returns seven steering angles at each of the speeds."""
    angles_deg = (-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0)
    return {
        "action_space": [{"steering_angle": angle, "speed": speed} for speed in speeds_mps for angle in angles_deg],
        "sensor": list(sensors),
        "neural_network": "FAST_CONVOLUTIONAL_NETWORK",
        "version": "5",
    }


_AMONG_OBJECTS = (
    *("--random-places", "--start-position", "random", "--evaluate-every", "16", "--evaluation-laps", "30"),
    *("--max-steps", "491520"),
)
_FIRST_THE_ROAD = {
    "look_back_every": 0,
    "stages": [
        {
            "name": "road",
            "race": {"race_type": "TIME_TRIAL"},
            "advance": {"clean_laps": 3, "max_steps": 61440},
        },
        {"name": "race"},
    ],
}

AVOID = Recipe(
    name="avoid",
    reward="avoid_objects",
    # Twice as many boxes as it will meet: more to learn from in each lap.
    options=("--obstacles", "6", *_AMONG_OBJECTS),
    hyperparameters=_hyperparameters(
        batch_size=256, lr=3e-4, beta_entropy=0.005, discount_factor=0.96, num_steps_between_training=3072
    ),
    metadata={
        "action_space": {"steering_angle": {"low": -30.0, "high": 30.0}, "speed": {"low": 0.7, "high": 0.9}},
        "action_space_type": "continuous",
        "sensor": ["FRONT_FACING_CAMERA", "LIDAR"],
        "neural_network": "FAST_CONVOLUTIONAL_NETWORK",
        "version": "5",
    },
    curriculum=_FIRST_THE_ROAD,
)
BOTS = Recipe(
    name="bots",
    reward="avoid_objects",
    options=("--bots", "4", *_AMONG_OBJECTS),
    hyperparameters=AVOID.hyperparameters,
    metadata=AVOID.metadata,
    curriculum=_FIRST_THE_ROAD,
)
UNSEEN = Recipe(
    name="unseen",
    reward="middle_of_any_road",
    options=(
        *(part for track in OWN_TRACKS for part in ("--track", track)),
        *("--randomisation", "mild", "--alternate-direction", "--start-position", "random"),
        *("--cars", "30", "--evaluate-every", "10", "--max-steps", "188160"),
    ),
    hyperparameters=_hyperparameters(batch_size=256, lr=6e-4, discount_factor=0.95, num_steps_between_training=3840),
    metadata=_metadata([1.0], "FRONT_FACING_CAMERA"),
    goal="under 20",
)
PACE = Recipe(
    name="pace",
    reward="metres_made",
    options=("--start-position", "random", "--evaluate-every", "5", "--max-minutes", "10"),
    hyperparameters=_hyperparameters(
        batch_size=256, lr=6e-4, discount_factor=0.97, num_steps_between_training=2048, stack_size=2
    ),
    metadata=_metadata([1.5, 2.5, 4.0], "FRONT_FACING_CAMERA"),
    goal="under 10",
)
