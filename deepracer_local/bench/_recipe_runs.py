"""Training a recipe, by the command that anybody types."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deepracer_local.bench._recipes import Recipe
from deepracer_local.errors import WorldError
from deepracer_local.runs import RunDirectory

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that a recipe made."""

    run: RunDirectory
    seed: int
    steps: int
    minutes: float
    """Of the whole command, by the clock on the wall."""

    @property
    def note(self) -> str:
        """What it took."""
        return f"seed {self.seed}, {self.steps:,} steps in {self.minutes:.1f} min"


def train(recipe: Recipe, folder: Path, *, seed: int, announce: Announce) -> Trained:
    """Runs the command ``train`` of a recipe and waits for its end.

    Raises:
        WorldError: it fails.
    """
    command = recipe.command(folder, seed=seed)
    announce(f"training: deepracer-local {' '.join(command[3:])}")
    started_at = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    minutes = (time.perf_counter() - started_at) / 60.0
    run = RunDirectory(folder / "run")
    if done.returncode != 0:
        raise WorldError(
            f"Expected the training {recipe.name} to end well, got exit code {done.returncode}: "
            f"{done.stderr.decode(errors='replace')[-500:]}"
        )
    trained = Trained(run, seed, run.read_rows("metrics.jsonl")[-1]["total_steps"], minutes)
    announce(f"{recipe.name}: {trained.note}")
    return trained
