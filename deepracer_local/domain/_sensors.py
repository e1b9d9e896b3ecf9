"""The sensors that a model may read: their names and mounts, what goes together, and what people are shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from deepracer_local.domain._arrays import ImageArray
from deepracer_local.errors import UnknownNameError

N_LIDAR_BEAMS = 64
MAX_STACK = 4
STEREO_OFFSET_M = 0.03
"""How far the eyes of the stereo pair lie to the left and to the right. Source: the original's stereo URDF."""


class Sensor(StrEnum):
    """The sensors a model may read. The last one is this project's own; the others are the original's."""

    OBSERVATION = "observation"
    FRONT_FACING_CAMERA = "FRONT_FACING_CAMERA"
    LEFT_CAMERA = "LEFT_CAMERA"
    STEREO_CAMERAS = "STEREO_CAMERAS"
    LIDAR = "LIDAR"
    SECTOR_LIDAR = "SECTOR_LIDAR"
    DISCRETIZED_SECTOR_LIDAR = "DISCRETIZED_SECTOR_LIDAR"
    STATE = "STATE"


CAMERAS = frozenset({Sensor.OBSERVATION, Sensor.FRONT_FACING_CAMERA, Sensor.LEFT_CAMERA, Sensor.STEREO_CAMERAS})
LIDARS = frozenset({Sensor.LIDAR, Sensor.SECTOR_LIDAR, Sensor.DISCRETIZED_SECTOR_LIDAR})
NOT_FOR_THE_CAR = frozenset({Sensor.DISCRETIZED_SECTOR_LIDAR, Sensor.STATE})
"""The car's software refuses the first, and nothing on the car measures the second."""


class LidarSpec(BaseModel):
    """A ring of beams in the plane of the sensor, counter-clockwise; the first and the last are the ends of the field.

    Source: the deepracer URDF and launch file of the original simulator; it looks backwards, so that the car is blind
    for 30 degrees to either side of straight ahead. Height and distance are from ``base_link``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    field_of_view_rad: float = Field(default=2 * 2.61799, gt=0, le=2 * math.pi)
    min_range_m: float = Field(default=0.15, gt=0)
    max_range_m: float = Field(default=12.0, gt=0, description="what a beam reads that meets nothing")
    offset_x_m: float = Field(default=0.02913, description="from base_link, forward")
    offset_z_m: float = Field(default=0.184699, gt=0, description="from base_link, up: chassis 0.023249 + 0.16145")
    mount_yaw_rad: float = Field(default=math.pi, description="where the middle of the field looks")


class LidarConfig(BaseModel):
    """``lidar_config`` of ``model_metadata.json``: how the ranges are turned into sectors.

    Further numbers, which the car's own software reads, are kept. Source: simapp v6.0.5 for names and defaults.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)
    __pydantic_extra__: dict[str, int | float] = Field(init=False)

    num_sectors: int = Field(default=8, ge=1, le=N_LIDAR_BEAMS)
    num_values_per_sector: int = Field(default=8, ge=1, le=64)
    clipping_dist: float = Field(default=2.0, gt=0.15, le=12.0, description="metres")

    @field_validator("num_sectors")
    @classmethod
    def _divides_the_beams(cls, value: int) -> int:
        if N_LIDAR_BEAMS % value:
            raise ValueError(f"num_sectors must divide the {N_LIDAR_BEAMS} beams: choose 1, 2, 4, 8, 16, 32 or 64")
        return value


def sensors_named(names: Iterable[str]) -> tuple[Sensor, ...]:
    """Returns the sensors of these names, in order.

    Raises:
        UnknownNameError: there is no such sensor; the nearest name is suggested.
    """
    return tuple(_sensor(name) for name in names)


def _sensor(name: str) -> Sensor:
    try:
        return Sensor(name)
    except ValueError as err:
        raise UnknownNameError("sensor", name, [sensor.value for sensor in Sensor]) from err


def illegal_combination(sensors: Sequence[Sensor]) -> str:
    """Returns a sentence where these sensors do not go together, nothing where they do.

    The original's rule, exactly one camera and at most one lidar; beside ``STATE`` the camera may be left out.
    """
    n_cameras = sum(sensor in CAMERAS for sensor in sensors)
    n_lidars = sum(sensor in LIDARS for sensor in sensors)
    n_states = sum(sensor is Sensor.STATE for sensor in sensors)
    came = ", ".join(sensors) or "none"
    if n_cameras > 1:
        return f"expected one camera, got {n_cameras} ({came}); STEREO_CAMERAS is the pair of both eyes"
    if n_lidars > 1:
        return f"expected at most one lidar, got {n_lidars} ({came}); they are three readings of the same beams"
    if n_states > 1:
        return f"expected STATE once, got it {n_states} times ({came})"
    if n_cameras == 0 and n_states == 0:
        return f"expected exactly one camera and at most one lidar, got {came}; add FRONT_FACING_CAMERA"
    return ""


def camera_channels(sensors: Sequence[Sensor]) -> int:
    """Returns how many channels one picture of these sensors' camera has; 0 where there is no camera."""
    for sensor in sensors:
        if sensor in CAMERAS:
            return 2 if sensor is Sensor.STEREO_CAMERAS else 1
    return 0


def picture_in(observation: Any, sensors: Sequence[Sensor]) -> ImageArray | None:
    """Returns the newest grey picture of an observation, of a stereo pair the left one; None where there is none.

    Args:
        observation: of the environment, uint8 (..., height, width, channels), or a mapping by the sensors' names. The
            leading axes, a batch for example, stay.
        sensors: that it was made with.
    """
    n_channels = camera_channels(sensors)
    if n_channels == 0:
        return None
    if isinstance(observation, Mapping):
        observation = next(value for name, value in observation.items() if name in CAMERAS)
    picture: ImageArray = np.asarray(observation)[..., -n_channels]
    return picture
