"""The small files of a layout, and the lines that a log begins with."""

from __future__ import annotations

import json
from typing import Any

import yaml

from deepracer_local.domain import TrainSpec
from deepracer_local.simlog._files import LogFile, small_file
from deepracer_local.simlog._layout import HYPERPARAMETERS, METADATA, TRAINING_PARAMS


def model_files(spec: TrainSpec) -> list[LogFile]:
    """Returns what every layout says of the model itself."""
    return [
        small_file(METADATA, json_bytes(spec.model_metadata.to_file_dict())),
        small_file(HYPERPARAMETERS, json_bytes(hyperparameters_of(spec))),
    ]


def training_params(spec: TrainSpec, name: str) -> LogFile:
    """Returns the job's settings: every value is text in quotes, as the original has it."""
    race = spec.race
    values: dict[str, Any] = {
        "JOB_TYPE": "training",
        "RACE_TYPE": race.race_type,
        "WORLD_NAME": spec.track,
        "NUM_WORKERS": 1,
        "REVERSE_DIR": race.reverse_dir,
        "ALTERNATE_DRIVING_DIRECTION": race.alternate_driving_direction,
        "CHANGE_START_POSITION": race.start_position != "fixed",
        "ROUND_ROBIN_ADVANCE_DIST": race.round_robin_advance_dist,
        "START_POSITION_OFFSET": race.start_position_offset,
        "MIN_EVAL_TRIALS": spec.evaluation_laps,
        "DISPLAY_NAME": name,
    }
    text = yaml.safe_dump({key: str(value) for key, value in values.items()}, default_style='"', sort_keys=False)
    return small_file(TRAINING_PARAMS, text.encode())


def log_beginning(spec: TrainSpec, *, world: str, per_iteration: int) -> bytes:
    """Returns the lines from which readers learn hyperparameters, actions, track, sensors and network.

    Args:
        spec: of the training.
        world: the track that was driven.
        per_iteration: how episodes are numbered in this log; readers take it from the hyperparameters.
    """
    metadata = spec.model_metadata.to_file_dict()
    shown = hyperparameters_of(spec) | {"num_episodes_between_training": per_iteration}
    lines = [
        f" * /WORLD_NAME: {world}",
        f"Sensor list {metadata['sensor']}, network {metadata['neural_network']}, simapp_version {metadata['version']}",
        f"Loaded action space from file: {metadata['action_space']}",
        "Using the following hyper-parameters",
        json.dumps(shown, indent=2, sort_keys=True),
    ]
    return "\n".join([*lines, ""]).encode()


def hyperparameters_of(spec: TrainSpec) -> dict[str, Any]:
    """Returns the hyperparameters; those of our own that are not set are left out."""
    return spec.hyperparameters.model_dump(mode="json", exclude_none=True)


def json_bytes(value: Any) -> bytes:
    """Returns a JSON file as the original writes it."""
    return (json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()
