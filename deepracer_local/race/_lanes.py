"""Where a car is put among objects: the other lane, if one is near."""

from __future__ import annotations

from collections.abc import Sequence

from deepracer_local.domain import INNER_LANE, OUTER_LANE, OpponentMotion, Pose, RoadObject, VehicleSpec
from deepracer_local.race._road_objects import NO_WHEELS, ObjectPlace
from deepracer_local.track import Location, Track

NEAR_M = 1.0
"""An object so near along the centre line sends the car into the other lane. Source: the original simulator."""
RESET_BEHIND_M = 1.0
"""How far behind the object that it crashed into a car is set back."""
MAX_RESETS_AFTER_CRASH = 3
RESET_AHEAD_M = 1.0
"""A car that crashes into the same object again after so many resets is set ahead of it by so much."""


def start_pose(driven: Track, ndist: float, places: Sequence[ObjectPlace]) -> Pose:
    """Returns where an episode begins: on the centre line, or in the lane that the nearest object near by is not in."""
    s_m = ndist * driven.length_m
    near = _nearest(driven, s_m, places)
    return driven.start_pose(ndist) if near is None else driven.lane_pose(s_m, -near.lane)


def back_on_road(driven: Track, s_m: float, where: Location, places: Sequence[ObjectPlace]) -> Pose:
    """Returns where a car that left the road goes on: at ``s_m``, in the nearer lane unless an object is near."""
    lane = INNER_LANE if where.is_left_of_center == driven.is_ccw else OUTER_LANE
    return _clear_of(driven, s_m, lane, places)


def back_after_crash(
    driven: Track, crashed: ObjectPlace, places: Sequence[ObjectPlace], *, crashes_in_a_row: int = 1
) -> Pose:
    """Returns where a car goes on that crashed into an object at ``crashed``: behind it, in the other lane.

    A car that crashes there again and again is set ahead of it in the end.
    """
    is_merciful = crashes_in_a_row > MAX_RESETS_AFTER_CRASH
    s_m = crashed.s_m + (RESET_AHEAD_M if is_merciful else -RESET_BEHIND_M)
    return _clear_of(driven, s_m, -crashed.lane, places)


def counts_as_crash(item: RoadObject, place: ObjectPlace, own_s_m: float, driven: Track, vehicle: VehicleSpec) -> bool:
    """Returns whether touching this object is a crash.

    Touching what stands always is. Another car has to be ahead: whoever is run into from behind has not crashed.
    Both are measured at the front points, as progress is.

    Args:
        item: what was touched.
        place: where it is.
        own_s_m: arc length of the own front point.
        driven: the track in driving direction.
        vehicle: how cars are built.
    """
    if item.motion is None:
        return True
    if isinstance(item.motion, OpponentMotion):
        # Exactly as the other one measures it, so that of two cars that touch one has crashed.
        front_m = driven.locate(item.motion.front_x_m, item.motion.front_y_m, NO_WHEELS).s_m
    else:
        front_m = place.s_m + vehicle.front_point_x_m
    return _gap_m(driven, own_s_m, front_m) > 0.0


def _clear_of(driven: Track, s_m: float, lane: int, places: Sequence[ObjectPlace]) -> Pose:
    near = _nearest(driven, s_m, places)
    return driven.lane_pose(s_m, lane if near is None else -near.lane)


def _nearest(driven: Track, s_m: float, places: Sequence[ObjectPlace]) -> ObjectPlace | None:
    """Returns the object nearest along the line, if one is near."""
    near = [place for place in places if abs(_gap_m(driven, s_m, place.s_m)) < NEAR_M]
    return min(near, key=lambda place: abs(_gap_m(driven, s_m, place.s_m)), default=None)


def _gap_m(driven: Track, from_m: float, to_m: float) -> float:
    """Returns metres along the line from one place to the other; on loops the shorter way, with its sign."""
    gap_m = to_m - from_m
    return gap_m - driven.length_m * round(gap_m / driven.length_m) if driven.is_closed else gap_m
