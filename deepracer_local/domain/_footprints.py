"""Whether two things on the ground touch."""

from __future__ import annotations

import math

from deepracer_local.domain._vehicle import Pose


def do_overlap(one: Pose, half_m: tuple[float, float], other: Pose, other_half_m: tuple[float, float]) -> bool:
    """Returns whether two rectangles share a point, by the axes that could part them.

    Args:
        one: the middle of the first, and where its length points.
        half_m: half of its length and of its width.
        other: the same of the second.
        other_half_m: the same of the second.
    """
    dx, dy = other.x_m - one.x_m, other.y_m - one.y_m
    turn_rad = other.yaw_rad - one.yaw_rad
    c, s = abs(math.cos(turn_rad)), abs(math.sin(turn_rad))
    for pose, mine, theirs in ((one, half_m, other_half_m), (other, other_half_m, half_m)):
        cosine, sine = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
        if abs(dx * cosine + dy * sine) > mine[0] + theirs[0] * c + theirs[1] * s:
            return False
        if abs(dy * cosine - dx * sine) > mine[1] + theirs[0] * s + theirs[1] * c:
            return False
    return True
