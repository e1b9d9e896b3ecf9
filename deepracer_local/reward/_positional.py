"""Handing today's reward parameters to a function of 2018."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the sandbox's child runs this file without pydantic
    from deepracer_local.domain import RewardParams


def positional_arguments(
    params: RewardParams, *, max_speed_mps: float, max_steering_angle_deg: float
) -> tuple[Any, ...]:
    """Returns the twelve arguments in the order of ``LEGACY_NAMES``.

    Orientation is in radians, progress in [0, 1], throttle in [0, 1] as a share of ``max_speed_mps``, steering in
    [-1, 1] as a share of ``max_steering_angle_deg`` (left positive), closest_waypoint one index: the nearer one of the
    two neighbours. on_track asks whether the front point lies between the lines, not about wheels.

    Source: the guide of December 2018.
    """
    return (
        params["distance_from_center"] <= 0.5 * params["track_width"],
        params["x"],
        params["y"],
        params["distance_from_center"],
        math.radians(params["heading"]),
        0.01 * params["progress"],
        int(params["steps"]),
        _share(params["speed"], max_speed_mps, lowest=0.0),
        _share(params["steering_angle"], max_steering_angle_deg, lowest=-1.0),
        params["track_width"],
        params["waypoints"],
        _nearest(params),
    )


def _share(value: float, largest: float, *, lowest: float) -> float:
    return min(max(value / largest, lowest), 1.0) if largest > 0.0 else 0.0


def _nearest(params: RewardParams) -> int:
    waypoints, here = params["waypoints"], (params["x"], params["y"])
    before, after = params["closest_waypoints"]
    return int(before if math.dist(waypoints[before], here) <= math.dist(waypoints[after], here) else after)
