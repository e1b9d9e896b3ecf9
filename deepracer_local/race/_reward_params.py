"""The one place that speaks the original's reward parameters: its names, degrees and percent."""

from __future__ import annotations

import math

from deepracer_local.domain import Command, RewardParams, VehicleState
from deepracer_local.race._rules import RaceState
from deepracer_local.track import Location, Track

_DEGREES_PER_RAD = 180.0 / math.pi


def reward_params(
    track: Track,
    vehicle: VehicleState,
    location: Location,
    race: RaceState,
    command: Command,
    *,
    is_reversed: bool,
    objects: RewardParams | None = None,
) -> RewardParams:
    """Returns the 27 reward parameters of one instant, as plain Python values.

    The dictionary and every list in it are made anew, so nothing that user code does to them reaches the simulation.
    Without objects on the road the object keys hold the original's defaults.

    Args:
        track: in driving direction.
        vehicle: after the move.
        location: of the vehicle's front point and wheels on ``track``.
        race: after the rules have judged the move.
        command: what the policy asked for; speed and steering angle are reported as commanded, unclipped.
        is_reversed: True when driving against the order of the track file's rows.
        objects: what ``object_params`` returns; None for an empty road.

    Source: ``docs/reward_parameters.md``, which says for each key what it is.
    """
    wheels_on_track = location.wheels_on_track
    return {
        "all_wheels_on_track": wheels_on_track == 4,
        "x": vehicle.front_x_m,
        "y": vehicle.front_y_m,
        "heading": vehicle.yaw_rad * _DEGREES_PER_RAD,
        "distance_from_center": location.distance_from_center_m,
        "projection_distance": location.s_m,
        "progress": race.progress,
        "steps": float(race.steps),
        "speed": command.speed_mps,
        "steering_angle": command.steering_angle_deg,
        "track_width": location.track_width_m,
        "track_length": track.length_m,
        "waypoints": list(track.waypoints),
        "closest_waypoints": [location.prev_index, location.next_index],
        "is_left_of_center": location.is_left_of_center,
        "is_reversed": is_reversed,
        **(_no_objects() if objects is None else objects),
        "is_crashed": vehicle.has_contact,
        "is_offtrack": wheels_on_track == 0,
        "sim_time": race.time_s,
    }


def _no_objects() -> RewardParams:
    return {
        "closest_objects": [0, 0],
        "objects_location": [],
        "objects_left_of_center": [],
        "objects_distance": [],
        "objects_distance_from_center": [],
        "objects_heading": [],
        "objects_speed": [],
        "object_in_camera": False,
    }
