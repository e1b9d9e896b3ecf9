"""The body's axes in the world, for whatever is mounted on the car."""

from __future__ import annotations

import math

from deepracer_local.domain import VehicleState

Axis = tuple[float, float, float]


def body_axes(state: VehicleState) -> tuple[Axis, Axis, Axis]:
    """Returns the body's forward, left and up in the world, each x, y, z of length 1.

    The rotation is yaw, then pitch, then roll (z-y-x), as in the reward parameters.
    """
    cy, sy = math.cos(state.yaw_rad), math.sin(state.yaw_rad)
    cp, sp = math.cos(state.pitch_rad), math.sin(state.pitch_rad)
    cr, sr = math.cos(state.roll_rad), math.sin(state.roll_rad)
    return (
        (cy * cp, sy * cp, -sp),
        (cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr),
        (cy * sp * cr + sy * sr, sy * sp * cr - cy * sr, cp * cr),
    )
