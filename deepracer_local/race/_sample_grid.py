"""Places to paint a reward function on: across the road and a little beyond, along the lap, in a few headings."""

from __future__ import annotations

import math

from deepracer_local.domain import CONTROL_RATE_HZ, Command, Outcome, Pose, RewardParams, SampleGrid, VehicleSpec
from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._sample_laps import shared_waypoints, usual_speed_mps
from deepracer_local.race._samples import race_state, standing_at
from deepracer_local.track import Track

LANES = (-1.2, -0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9, 1.2)
"""Sideways places in halves of the road's width, positive to the left; the outermost are off the road."""
HEADINGS_DEG = (0.0, 30.0, -30.0, 180.0)
"""Against the direction of the road, positive to the left; the last one is the wrong way."""
_SPACING_M = 0.3
_FEWEST, _MOST = 24, 64


def sample_grid(track: Track, *, vehicle_spec: VehicleSpec | None = None, is_reversed: bool = False) -> SampleGrid:
    """Returns the grid of a track, the same every time.

    The front point of the car, the one that rewards measure, is at the place. It steers straight at the usual speed of
    ``sample_laps``, and steps and progress are those of a car that came there from the start at that speed.

    Args:
        track: in driving direction.
        vehicle_spec: the car; the standard one where it is left out.
        is_reversed: what the states say about the direction.
    """
    spec = vehicle_spec or VehicleSpec()
    n_along = min(max(round(track.length_m / _SPACING_M), _FEWEST), _MOST)
    # The middle of each piece: none is on the start line, where a lap's end and beginning are the same place.
    stations_m = [track.length_m * (i + 0.5) / n_along for i in range(n_along)]
    states = [
        _state(track, spec, s_m, lane, turn_deg, is_reversed=is_reversed)
        for turn_deg in HEADINGS_DEG
        for s_m in stations_m
        for lane in LANES
    ]
    return SampleGrid(n_along, LANES, HEADINGS_DEG, shared_waypoints(states))


def _state(
    track: Track, spec: VehicleSpec, s_m: float, lane: float, turn_deg: float, *, is_reversed: bool
) -> RewardParams:
    x_m, y_m, yaw_rad = track.point_at(s_m)
    aside_m = lane * 0.5 * track.mean_width_m
    x_m, y_m = x_m - aside_m * math.sin(yaw_rad), y_m + aside_m * math.cos(yaw_rad)
    turned_rad = yaw_rad + math.radians(turn_deg)
    reach_m = spec.front_point_x_m
    speed_mps = usual_speed_mps(track)
    pose = Pose(x_m - reach_m * math.cos(turned_rad), y_m - reach_m * math.sin(turned_rad), turned_rad)
    vehicle = standing_at(spec, pose, speed_mps)
    location = track.locate(vehicle.front_x_m, vehicle.front_y_m, vehicle.wheels_xy_m)
    outcome = Outcome.OFF_TRACK if location.wheels_on_track == 0 else Outcome.IN_PROGRESS
    steps = 2 + round(s_m / speed_mps * CONTROL_RATE_HZ)
    race = race_state(vehicle, steps=steps, progress=100.0 * s_m / track.length_m, outcome=outcome)
    return reward_params(track, vehicle, location, race, Command(0.0, speed_mps), is_reversed=is_reversed)
