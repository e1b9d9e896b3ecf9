"""The car: its constants, what it is told, and what it does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

GRAVITY_MPS2 = 9.80665


class VehicleSpec(BaseModel):
    """The physical constants of the DeepRacer car.

    Source: the deepracer URDF of the original simulator (simapp v6.0.5), unless a field says otherwise.
    The body frame has its origin at ``base_link``: midway between the axles, x forward, y left, z up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    mass_kg: float = Field(default=7.54, gt=0.1, le=100, description="chassis, wheels, hinges and camera together")
    wheelbase_m: float = Field(default=0.163974, gt=0.01, le=2)
    rear_axle_x_m: float = Field(default=-0.081663, lt=0)
    front_axle_x_m: float = Field(default=0.082311, gt=0)
    axle_track_m: float = Field(default=0.1605, gt=0.01, description="mean of rear 0.1621 and front 0.159202")
    length_m: float = Field(default=0.32352, gt=0.01, description="collision footprint along x")
    width_m: float = Field(default=0.1961, gt=0.01, description="collision footprint along y")
    height_m: float = Field(default=0.194, gt=0.01)
    front_point_x_m: float = Field(default=0.14, description="the point whose position the rules and rewards use")
    friction: float = Field(default=0.5, gt=0, le=3, description="tyre-road coefficient of friction, both axles")
    max_steering_rad: float = Field(default=math.radians(30.0), gt=0, le=1, description="the actuator's clip")
    min_speed_mps: float = Field(
        default=0.1, ge=0, description="the actuator's clip; there is no command to stand still"
    )
    max_speed_mps: float = Field(default=4.0, gt=0, le=20, description="the actuator's clip")


class Command(NamedTuple):
    """What the policy asks of the car in one control step.

    The angle stays in the degrees of the user's ``model_metadata.json``: a round trip through radians would change
    the last bit, and reward functions compare ``steering_angle`` with ``==``.
    """

    steering_angle_deg: float
    """Positive is left. Not clipped."""
    speed_mps: float
    """Not clipped."""

    def at_most(self, speed_mps: float) -> Command:
        """Returns the same at no more than this speed."""
        return self._replace(speed_mps=speed_mps) if self.speed_mps > speed_mps else self

    @property
    def steering_rad(self) -> float:
        """The angle in radians, positive is left."""
        return math.radians(self.steering_angle_deg)


class Pose(NamedTuple):
    """Where a car stands on the ground plane: ``base_link`` position and heading."""

    x_m: float
    y_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class VehicleState:
    """The car at one instant, after the physics of a control step.

    All positions are in the world frame; ``x_m, y_m, z_m`` is ``base_link``.
    """

    x_m: float
    y_m: float
    z_m: float
    roll_rad: float
    pitch_rad: float
    yaw_rad: float
    """In (-pi, pi]."""
    speed_mps: float
    """Along the body's x axis; negative when rolling backwards."""
    lateral_speed_mps: float
    """Along the body's y axis; positive to the left. Large values mean sliding."""
    yaw_rate_radps: float
    front_x_m: float
    front_y_m: float
    wheels_xy_m: tuple[float, float, float, float, float, float, float, float]
    """Wheel centres x, y in the order rear left, front left, rear right, front right."""
    has_contact: bool
    """True while the body touches anything but the ground."""
