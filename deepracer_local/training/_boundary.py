"""The whole state of a training between two policy updates.

Law: restoring a boundary and going on gives the same weights as never having stopped, bit for bit, with one thread.
It holds for environments that offer ``get_state`` and ``set_state``; others start new episodes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from safetensors.torch import load_file, save

from deepracer_local.domain import EvaluationResult, StageProgress
from deepracer_local.errors import RunDirectoryError
from deepracer_local.runs import POLICY_FILE, TRAINER_FILES, read_json, write_bytes, write_json
from deepracer_local.training._learner import Learner
from deepracer_local.training._observations import Tensors, replace_row, to_arrays, to_tensors
from deepracer_local.training._replay import Transition, steps_from_tensors, steps_to_tensors

TRAINER_FILE, STATE_FILE = TRAINER_FILES


@runtime_checkable
class Restorable(Protocol):
    """An environment that can go on from the middle of an episode."""

    def get_state(self) -> dict[str, Any]:
        """Returns all that the next steps depend on, as JSON values."""

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes back to what ``get_state`` returned."""


class Counters(BaseModel):
    """What a training has done so far."""

    model_config = ConfigDict(extra="forbid")

    total_steps: int = 0
    iterations: int = 0
    """Policy updates."""
    episodes: int = 0
    """Finished training episodes."""
    next_episode: int = 0
    """The number that the next episode to begin will carry."""
    training_seconds: float = 0.0
    evaluated_iterations: int = 0
    """The iteration after which the last complete evaluation was driven."""
    clean_laps_in_a_row: int = 0
    best_evaluation: EvaluationResult | None = None
    """Of the present stage."""
    best_checkpoint: str | None = None
    best_lap_time_s: float | None = None
    reward_errors: int = 0
    """Failed calls of the reward function whose steps got the floor value."""
    stage: StageProgress = StageProgress()
    """Which stage of a curriculum the training is in, and how far."""
    left: list[float | None] = []
    """The completion of each stage that was left, in percent; None where it was never evaluated."""
    forgotten: list[int] = []
    """The stages, 0-based, that the last look back found forgotten."""
    file_sizes: dict[str, int] = {}
    """Bytes of each appended file of the run directory that belong to this history."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Everything that the next collection and update depend on."""

    weights: dict[str, torch.Tensor]
    optimizer: dict[str, torch.Tensor]
    """Adam's moments, named ``<parameter index>.<moment>``, after the prefix of an algorithm with several."""
    replay: tuple[Transition, ...]
    """What the algorithm remembers of former iterations, the oldest step first."""
    random_state: torch.Tensor
    observations: Tensors
    episode_starts: torch.Tensor
    environments: list[dict[str, Any] | None]
    """One JSON value per environment; None for one that offers no state."""
    episodes: list[dict[str, Any]]
    """The unfinished episode of each environment."""
    pending: dict[str, list[Any]]
    """What the recorder has noted that belongs to the next iteration's files: the starts of a stage."""
    counters: Counters


def capture(
    model: Learner, counters: Counters, episodes: list[dict[str, Any]], pending: dict[str, list[Any]]
) -> Boundary:
    """Returns a copy of the state of ``model`` and its environments; nothing in it changes later."""
    moments = {prefix: adam.moments() for prefix, adam in model.optimizers().items()}
    return Boundary(
        weights={name: tensor.clone() for name, tensor in model.policy.state_dict().items()},
        optimizer={f"{prefix}{name}": tensor for prefix, found in moments.items() for name, tensor in found.items()},
        replay=model.replay.snapshot() if model.replay is not None else (),
        random_state=torch.get_rng_state(),
        observations=to_tensors(to_arrays(to_tensors(model.observations))),
        episode_starts=torch.from_numpy(np.array(model.episode_starts)),
        environments=[_state_of(env) for env in model.vector_env.envs],
        episodes=json.loads(json.dumps(episodes)),
        pending=json.loads(json.dumps(pending)),
        counters=counters.model_copy(deep=True),
    )


def restore(model: Learner, boundary: Boundary) -> None:
    """Puts ``model`` and its environments into the state of ``boundary``."""
    model.policy.load_state_dict(boundary.weights)
    for prefix, adam in model.optimizers().items():
        adam.load_moments(_below(prefix, boundary.optimizer))
    if model.replay is not None:
        model.replay.restore(boundary.replay)
    observations, starts = to_arrays(boundary.observations), boundary.episode_starts.numpy().copy()
    for i, (env, state) in enumerate(zip(model.vector_env.envs, boundary.environments, strict=True)):
        if state is None:
            observation, _ = env.reset()
            replace_row(observations, i, observation)
            starts[i] = True
        elif isinstance(env, Restorable):
            env.set_state(state)
    model.go_on(observations, starts, boundary.counters.total_steps)
    torch.set_rng_state(boundary.random_state)


def write_boundary(boundary: Boundary, directory: Path) -> None:
    """Writes the three files of ``boundary`` into the existing ``directory``."""
    tensors = {f"optimizer.{name}": tensor for name, tensor in boundary.optimizer.items()}
    tensors["random_state"] = boundary.random_state
    if isinstance(boundary.observations, dict):
        tensors |= {f"observations.{name}": tensor for name, tensor in boundary.observations.items()}
    else:
        tensors["observations"] = boundary.observations
    tensors |= {f"replay.{name}": tensor for name, tensor in steps_to_tensors(boundary.replay).items()}
    tensors["episode_starts"] = boundary.episode_starts
    write_bytes(directory / POLICY_FILE, save(dict(boundary.weights)))
    write_bytes(directory / TRAINER_FILE, save(tensors))
    write_json(
        directory / STATE_FILE,
        {
            "environments": boundary.environments,
            "episodes": boundary.episodes,
            "pending": boundary.pending,
            "counters": boundary.counters.model_dump(mode="json"),
        },
    )


def read_boundary(directory: Path) -> Boundary:
    """Reads what ``write_boundary`` wrote.

    Raises:
        RunDirectoryError: a file is missing or damaged.
    """
    state = read_json(directory / STATE_FILE)
    tensors = read_tensors(directory / TRAINER_FILE)
    try:
        return Boundary(
            weights=read_tensors(directory / POLICY_FILE),
            optimizer=_below("optimizer.", tensors),
            replay=steps_from_tensors(_below("replay.", tensors)),
            random_state=tensors["random_state"],
            observations=_below("observations.", tensors) or tensors["observations"],
            episode_starts=tensors["episode_starts"],
            environments=state["environments"],
            episodes=state["episodes"],
            pending=state.get("pending", {}),  # checkpoints of earlier versions have none
            counters=Counters.model_validate(state["counters"]),
        )
    except (KeyError, ValueError) as err:
        raise RunDirectoryError(f"Expected a complete checkpoint in {directory}, got: {err}. It is damaged.") from err


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Reads a safetensors file.

    Raises:
        RunDirectoryError: it is missing or damaged.
    """
    try:
        tensors: dict[str, torch.Tensor] = load_file(path)
    except Exception as err:  # safetensors raises its own type, OSError or ValueError by kind of damage
        raise RunDirectoryError(f"Expected the tensors of a checkpoint in {path}, got: {err}. Check the path.") from err
    return tensors


def _below(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Returns the tensors whose names begin with ``prefix``, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _state_of(env: Any) -> dict[str, Any] | None:
    state: dict[str, Any] | None = env.get_state() if isinstance(env, Restorable) else None
    return state
