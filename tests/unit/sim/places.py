"""Vehicle states at rest, for pictures."""

from __future__ import annotations

from deepracer_local.domain import Pose, VehicleState


def place(pose: Pose, *, z_m: float = 0.0, roll_rad: float = 0.0, pitch_rad: float = 0.0) -> VehicleState:
    """Returns a car that stands at ``pose``, its body heaved and leaning as told."""
    return VehicleState(
        x_m=pose.x_m,
        y_m=pose.y_m,
        z_m=z_m,
        roll_rad=roll_rad,
        pitch_rad=pitch_rad,
        yaw_rad=pose.yaw_rad,
        speed_mps=0.0,
        lateral_speed_mps=0.0,
        yaw_rate_radps=0.0,
        front_x_m=pose.x_m,
        front_y_m=pose.y_m,
        wheels_xy_m=(0.0,) * 8,
        has_contact=False,
    )
