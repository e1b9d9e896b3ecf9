"""Observation and action spaces as a checkpoint describes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from deepracer_local.runs import CheckpointInfo, SensorShape


def describe_spaces(observation: spaces.Space[Any], action: spaces.Space[Any]) -> dict[str, Any]:
    """Returns the fields of ``CheckpointInfo`` that describe two spaces; bounds are not part of a network."""
    described: dict[str, Any] = {
        "n_actions": int(action.n) if isinstance(action, spaces.Discrete) else None,
        "action_dimensions": action.shape[0] if isinstance(action, spaces.Box) else None,
    }
    if isinstance(observation, spaces.Dict):
        return described | {"sensors": {name: _shape_of(space) for name, space in observation.spaces.items()}}
    one = _shape_of(observation)
    return described | {"observation_shape": one.shape, "observation_dtype": one.dtype}


def spaces_of(info: CheckpointInfo) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
    """Returns the observation and action space that a checkpoint was trained with."""
    action: spaces.Space[Any] = spaces.Box(-1.0, 1.0, (info.action_dimensions or 2,), np.float32)
    if info.n_actions is not None:
        action = spaces.Discrete(info.n_actions)
    if info.sensors is not None:
        return spaces.Dict({name: _box(one.shape, one.dtype) for name, one in info.sensors.items()}), action
    assert info.observation_shape is not None  # CheckpointInfo has seen to it
    return _box(info.observation_shape, info.observation_dtype), action


def _shape_of(space: spaces.Space[Any]) -> SensorShape:
    return SensorShape(shape=tuple(space.shape or ()), dtype="uint8" if space.dtype == np.uint8 else "float32")


def _box(shape: tuple[int, ...], dtype: str | None) -> spaces.Box[Any]:
    if dtype == "uint8":
        return spaces.Box(0, 255, shape, np.uint8)
    return spaces.Box(-np.inf, np.inf, shape, np.float32)
