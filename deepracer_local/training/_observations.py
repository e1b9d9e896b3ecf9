"""Observations as the learner handles them: one array, or a dictionary with an array for each sensor.

A batch has one more axis at the front of each array. Pictures are uint8 (height, width, channels); of several channels
the last is the newest picture, of two cameras the right one's. All else is float32 (n,).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from gymnasium import spaces

from deepracer_local.domain import ImageArray

Arrays = np.ndarray[Any, Any] | dict[str, np.ndarray[Any, Any]]
Tensors = torch.Tensor | dict[str, torch.Tensor]


def is_picture(space: spaces.Space[Any]) -> bool:
    """Returns whether observations of ``space`` are camera pictures: uint8 (height, width, channels)."""
    return isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) == 3


def to_tensors(observations: Any) -> Tensors:
    """Returns torch's view of arrays; nothing is copied but what is not contiguous."""
    if isinstance(observations, Mapping):
        return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in observations.items()}
    return torch.from_numpy(np.ascontiguousarray(observations))


def to_arrays(observations: Tensors) -> Arrays:
    """Returns copies as numpy arrays."""
    if isinstance(observations, dict):
        return {name: tensor.numpy().copy() for name, tensor in observations.items()}
    return observations.numpy().copy()


def batch_of_one(observation: Any) -> Arrays:
    """Returns a batch that holds one observation."""
    if isinstance(observation, Mapping):
        return {name: np.asarray(array)[None] for name, array in observation.items()}
    return np.asarray(observation)[None]


def take(observations: Tensors, index: torch.Tensor) -> Tensors:
    """Returns the rows ``index`` of a batch."""
    if isinstance(observations, dict):
        return {name: tensor[index] for name, tensor in observations.items()}
    return observations[index]


def replace_row(observations: Arrays, i: int, observation: Any) -> None:
    """Puts one observation in the place of row ``i`` of a batch."""
    if isinstance(observations, dict):
        for name, array in observations.items():
            array[i] = observation[name]
    else:
        observations[i] = observation


def pictures_in(observations: Any) -> ImageArray | None:
    """Returns the camera's part of an observation or a batch: uint8 (..., height, width, channels); None if none."""
    if isinstance(observations, Mapping):
        return next((found for one in observations.values() if (found := pictures_in(one)) is not None), None)
    is_camera = isinstance(observations, np.ndarray) and observations.dtype == np.uint8 and observations.ndim >= 3
    return observations if is_camera else None


def newest(pictures: ImageArray) -> ImageArray:
    """Returns the newest picture of each stack: uint8 (..., height, width)."""
    return pictures[..., -1]
