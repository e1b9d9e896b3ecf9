"""Whether something is in the front camera's picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from deepracer_local.domain import CameraSpec, FloatArray, VehicleState
from deepracer_local.sim._camera import focal_length_px, view_from
from deepracer_local.sim._scene import SceneObject

_POINTS = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)] + [(0.0, 0.0, 0.5)])
"""Corners and middle of a box of length, width and height 1."""


def is_any_in_picture(objects: Sequence[SceneObject], state: VehicleState, spec: CameraSpec) -> bool:
    """Returns whether a corner or the middle of a box lies before the lens and inside the picture.

    Whether something else hides it is not asked.
    """
    if not objects:
        return False
    eye, axes = view_from(state, spec)
    points = np.concatenate([_in_world(item) for item in objects])
    depth, right, down = axes @ (points - eye).T
    focal_px = focal_length_px(spec)
    is_inside = (
        (depth > 0.0)
        & (focal_px * np.abs(right) <= 0.5 * spec.width_px * depth)
        & (focal_px * np.abs(down) <= 0.5 * spec.height_px * depth)
    )
    return bool(is_inside.any())


def _in_world(item: SceneObject) -> FloatArray:
    cosine, sine = math.cos(item.pose.yaw_rad), math.sin(item.pose.yaw_rad)
    length, width, height = item.length_m, item.width_m, item.height_m
    to_world = np.array([[length * cosine, length * sine, 0.0], [-width * sine, width * cosine, 0.0], [0, 0, height]])
    found: FloatArray = _POINTS @ to_world
    found += (item.pose.x_m, item.pose.y_m, 0.0)
    return found
