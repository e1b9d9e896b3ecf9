"""The camera: lens, mount and picture size."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CameraProfile = Literal["simulator", "physical"]


class CameraSpec(BaseModel):
    """A pinhole camera on the car.

    Source: the deepracer URDF of the original simulator (offset, pitch, horizontal field of view 1.13 rad).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    width_px: int = Field(default=160, ge=8, le=1280)
    height_px: int = Field(default=120, ge=8, le=960)
    horizontal_fov_rad: float = Field(default=1.13, gt=0.1, lt=2.8)
    offset_x_m: float = Field(default=0.14529, description="from base_link, forward")
    offset_y_m: float = Field(default=0.0, description="from base_link, left")
    offset_z_m: float = Field(default=0.13033, gt=0, description="from base_link, up")
    pitch_down_rad: float = Field(default=0.2618, ge=-1.5, le=1.5, description="positive looks at the ground")
    yaw_left_rad: float = Field(default=0.0, ge=-1.5, le=1.5, description="positive looks to the left")


CAMERA_PROFILES: dict[CameraProfile, CameraSpec] = {
    "simulator": CameraSpec(),
    # Source: the developer guide states the physical car's lens as 120 degrees.
    "physical": CameraSpec(horizontal_fov_rad=math.radians(120.0)),
}
