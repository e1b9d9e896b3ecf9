"""The other model's car in a race of two: where it starts, where it is, and where it is going to be."""

from __future__ import annotations

import math

from deepracer_local.domain import (
    EvaluationRace,
    OpponentMotion,
    Pose,
    RaceObjects,
    RoadObject,
    VehicleSpec,
    VehicleState,
)
from deepracer_local.errors import SpecError
from deepracer_local.race._lanes import NEAR_M
from deepracer_local.race._road_objects import upright
from deepracer_local.track import Track


def mirrored(race: EvaluationRace, track: Track) -> EvaluationRace:
    """Returns the race as the other model's car drives it: the start is its own, and we are its opponent.

    Args:
        race: of the type ``HEAD_TO_MODEL``.
        track: that is driven on; its direction does not matter.

    Raises:
        SpecError: the opponent would not start on the road.
    """
    start = race.start_position_offset + race.opponent_distance / track.length_m
    if track.is_closed:
        start %= 1.0
    elif not 0.0 <= start < 1.0:
        raise SpecError(
            f"opponent_distance: expected a start of the opponent on the open track {track.name!r} of "
            f"{track.length_m:.1f} m, got {race.opponent_distance:g} m from one at {race.start_position_offset:g} of "
            "it. Choose a smaller distance, or another start_position_offset.",
            field="opponent_distance",
        )
    changes = {
        "start_position_offset": start,
        "opponent_distance": -race.opponent_distance,
        "opponent_lane": -race.opponent_lane,
    }
    return race.model_copy(update=changes)


def opponent_at_start(spec: RaceObjects, driven: Track, ndist: float, *, car: VehicleSpec) -> RoadObject:
    """Returns the other model's car on the grid: in its lane where both start near each other, else on the line.

    Args:
        spec: of the race.
        driven: the track in driving direction.
        ndist: share of the lap at which one's own car starts.
        car: how large the other one is.
    """
    lane = spec.opponent_lane if abs(spec.opponent_distance) < NEAR_M else 0
    return _standing(upright(driven.lane_pose(ndist * driven.length_m + spec.opponent_distance, lane)), car)


def opponent_at(state: VehicleState, car: VehicleSpec) -> RoadObject:
    """Returns the other model's car as it is at this instant."""
    cosine, sine = math.cos(state.yaw_rad), math.sin(state.yaw_rad)
    motion = OpponentMotion(
        state.front_x_m,
        state.front_y_m,
        state.speed_mps * cosine - state.lateral_speed_mps * sine,
        state.speed_mps * sine + state.lateral_speed_mps * cosine,
        state.yaw_rate_radps,
    )
    pose = Pose(state.x_m, state.y_m, state.yaw_rad)
    return RoadObject("car", pose, car.length_m, car.width_m, car.height_m, state.speed_mps, motion)


def expected_pose(item: RoadObject, seconds: float) -> Pose:
    """Returns where the other model's car would be after some seconds if it went on as it does.

    The cars move at the same time, each in a world of its own: during a step neither can know what the other does in
    it. What it has really done is known to both at the end of the step.
    """
    pose, motion = item.pose, item.motion
    assert isinstance(motion, OpponentMotion)
    return Pose(
        pose.x_m + seconds * motion.velocity_x_mps,
        pose.y_m + seconds * motion.velocity_y_mps,
        pose.yaw_rad + seconds * motion.yaw_rate_radps,
    )


def _standing(pose: Pose, car: VehicleSpec) -> RoadObject:
    front_x_m = pose.x_m + car.front_point_x_m * math.cos(pose.yaw_rad)
    front_y_m = pose.y_m + car.front_point_x_m * math.sin(pose.yaw_rad)
    motion = OpponentMotion(front_x_m, front_y_m, 0.0, 0.0, 0.0)
    return RoadObject("car", pose, car.length_m, car.width_m, car.height_m, 0.0, motion)
