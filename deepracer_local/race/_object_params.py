"""The reward parameters about objects on the road."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deepracer_local.domain import RewardParams, RoadObject
from deepracer_local.race._road_objects import ObjectPlace


def object_params(
    objects: Sequence[RoadObject], places: Sequence[ObjectPlace], s_m: float, *, is_in_camera: bool
) -> RewardParams:
    """Returns the eight keys about objects; without any, the original's defaults.

    Args:
        objects: on the road.
        places: where each of them is on the track that is driven.
        s_m: arc length of the car's front point.
        is_in_camera: whether one of them is in the picture.
    """
    return {
        "closest_objects": closest_objects(places, s_m),
        "objects_location": [[item.pose.x_m, item.pose.y_m] for item in objects],
        "objects_left_of_center": [place.is_left_of_center for place in places],
        "objects_distance": [place.s_m for place in places],
        "objects_distance_from_center": [place.distance_from_center_m for place in places],
        "objects_heading": [math.degrees(item.pose.yaw_rad) for item in objects],
        "objects_speed": [item.speed_mps for item in objects],
        "object_in_camera": is_in_camera,
    }


def closest_objects(places: Sequence[ObjectPlace], s_m: float) -> list[int]:
    """Returns the indices of the object behind and of the one ahead along the line, which goes on behind its end.

    One exactly beside the car is behind it.
    """
    if not places:
        return [0, 0]
    order = sorted(range(len(places)), key=lambda i: places[i].s_m)
    following = sum(places[i].s_m <= s_m for i in order)
    return [order[following - 1], order[following % len(order)]]
