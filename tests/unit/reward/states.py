"""Parameters and sources for the tests of the reward room."""

from __future__ import annotations

from typing import Any

from deepracer_local.reward import InProcessReward, parse_reward

LEGACY = (
    "on_track, x, y, distance_from_center, car_orientation, progress, steps, throttle, steering, track_width, "
    "waypoints, closest_waypoint"
)


def params(**changes: Any) -> dict[str, Any]:
    """Returns the parameters of a car a little left of a straight road along x."""
    return {
        "all_wheels_on_track": True,
        "x": 0.6,
        "y": 0.1,
        "heading": 90.0,
        "distance_from_center": 0.1,
        "projection_distance": 0.6,
        "progress": 25.0,
        "steps": 8.0,
        "speed": 1.0,
        "steering_angle": -15.0,
        "track_width": 0.8,
        "track_length": 3.0,
        "waypoints": [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)],
        "closest_waypoints": [0, 1],
        "is_left_of_center": True,
        "is_reversed": False,
        "closest_objects": [0, 0],
        "objects_location": [],
        "objects_left_of_center": [],
        "objects_distance": [],
        "objects_distance_from_center": [],
        "objects_heading": [],
        "objects_speed": [],
        "object_in_camera": False,
        "is_crashed": False,
        "is_offtrack": False,
        "sim_time": 0.5,
        **changes,
    }


def in_process(text: str, filename: str = "reward_function.py") -> InProcessReward:
    """Returns the reward function in ``text`` for an action space of up to 2 m/s and 30 degrees."""
    return InProcessReward(parse_reward(text, filename), max_speed_mps=2.0, max_steering_angle_deg=30.0)
