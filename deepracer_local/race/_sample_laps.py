"""Laps to show a reward function on: five ways round a track that no simulator has to drive."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    Command,
    FloatArray,
    Outcome,
    Pose,
    RaceSpec,
    RewardParams,
    SampleLap,
    StepRecord,
    VehicleSpec,
    VehicleState,
)
from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._samples import race_state, standing_at
from deepracer_local.race._time_trial import TimeTrial
from deepracer_local.track import Location, Track

USUAL_LAP_S = 20.0
"""A lap at the usual speed takes at most so long: on longer tracks the sample cars are faster."""
SLOWEST_MPS, FASTEST_MPS = 1.5, 3.0
"""Of the usual speed."""
CUTTING_FACTOR = 4.0 / 3.0
"""So much faster drives the car that cuts the bends."""
_MAX_STEPS = 600
_PATH_STEP_M = 0.1
_LOOK_AHEAD_S = 0.3
_SHORTEST_LOOK_M = 0.3
_LANE_SHARE = 0.5
"""Of half the road's width: how far aside a lane lies, and how far the weaving car goes."""
_CUT_SHARE = 0.65
_WEAVE_M = 2.5
"""From one swing to the left to the next."""
_N_PULLS = 400
"""How often the line through the bends is pulled tighter; with these it moves less than a millimetre more."""


def usual_speed_mps(track: Track) -> float:
    """Returns the speed of the car on the centre line: 1.5 m/s, more on a track that would take long."""
    return min(max(track.length_m / USUAL_LAP_S, SLOWEST_MPS), FASTEST_MPS)


def sample_laps(
    track: Track, *, vehicle_spec: VehicleSpec | None = None, is_reversed: bool = False
) -> tuple[SampleLap, ...]:
    """Returns five laps from the start line, the same ones every time.

    Along the centre line, in the left and in the right lane, weaving from one to the other, and cutting the bends, a
    third faster. Each is driven by pure pursuit on a kinematic bicycle that rolls at its speed from the start, 15
    control steps a second, and judged by the rules of a time trial, so that progress, steps and the end are a race's.

    Args:
        track: in driving direction.
        vehicle_spec: the car; the standard one where it is left out.
        is_reversed: what the states say about the direction.

    Source: R. C. Coulter, Implementation of the Pure Pursuit Path Tracking Algorithm, CMU-RI-TR-92-01, section 2.
    """
    spec = vehicle_spec or VehicleSpec()
    usual_mps = usual_speed_mps(track)
    stations_m, centre, normals = _stations(track)
    half_m = 0.5 * track.mean_width_m
    lane_m = _LANE_SHARE * half_m
    flat = np.zeros(len(stations_m))
    n_swings = max(1, round(track.length_m / _WEAVE_M))
    swings = lane_m * np.sin(math.tau * n_swings * stations_m / track.length_m)
    cutting = _tight(centre, normals, _CUT_SHARE * half_m, is_closed=track.is_closed)
    wishes = [
        ("centre", "Centre line", flat, usual_mps),
        ("left", "Left lane", flat + lane_m, usual_mps),
        ("right", "Right lane", flat - lane_m, usual_mps),
        ("zigzag", "Zig-zag", swings, usual_mps),
        ("cutting", "Cutting the bends, faster", cutting, CUTTING_FACTOR * usual_mps),
    ]
    laps = []
    for name, title, offsets_m, speed_mps in wishes:
        path = _ahead(centre + offsets_m[:, np.newaxis] * normals, is_closed=track.is_closed)
        states, outcome = _driven(track, spec, path, speed_mps, is_reversed=is_reversed)
        laps.append(SampleLap(name, title, shared_waypoints(states), outcome))
    return tuple(laps)


def recorded_params(
    track: Track, record: StepRecord, *, vehicle_spec: VehicleSpec | None = None, is_reversed: bool = False
) -> RewardParams:
    """Returns the reward parameters of a recorded step, up to the rounding of its trace.

    A trace does not say how the car leaned, so the wheels are where they are on a car that stands flat.

    Args:
        track: the one it was driven on, in driving direction.
        record: the step.
        vehicle_spec: the car; the standard one where it is left out.
        is_reversed: what the states say about the direction.
    """
    spec = vehicle_spec or VehicleSpec()
    yaw_rad = math.radians(record.yaw_deg)
    reach_m = spec.front_point_x_m
    pose = Pose(record.x_m - reach_m * math.cos(yaw_rad), record.y_m - reach_m * math.sin(yaw_rad), yaw_rad)
    vehicle = standing_at(spec, pose, record.measured_speed_mps)
    location = track.locate(vehicle.front_x_m, vehicle.front_y_m, vehicle.wheels_xy_m)
    race = race_state(vehicle, steps=record.steps, progress=record.progress, outcome=record.outcome)
    command = Command(record.steering_angle_deg, record.speed_mps)
    found = reward_params(track, vehicle, location, race, command, is_reversed=is_reversed)
    return {**found, "is_crashed": record.outcome is Outcome.CRASHED}


def shared_waypoints(states: Sequence[RewardParams]) -> tuple[RewardParams, ...]:
    """Returns the states with one list of waypoints in place of an equal one for each, for the sake of memory."""
    return tuple({**state, "waypoints": states[0]["waypoints"]} for state in states)


def _stations(track: Track) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Returns arc lengths (n,), points of the centre line (n, 2) and normals to the left (n, 2), evenly spaced."""
    count = max(16, round(track.length_m / _PATH_STEP_M))
    stations_m = np.linspace(0.0, track.length_m, count, endpoint=not track.is_closed)
    poses = np.array([track.point_at(float(s)) for s in stations_m])
    normals = np.stack([-np.sin(poses[:, 2]), np.cos(poses[:, 2])], axis=1)
    return stations_m, poses[:, :2], normals


def _tight(centre: FloatArray, normals: FloatArray, most_m: float, *, is_closed: bool) -> FloatArray:
    """Returns offsets (n,) of a line pulled tight between two borders ``most_m`` from the centre line."""
    offsets = np.zeros(len(centre))
    for _ in range(_N_PULLS):
        line = centre + offsets[:, np.newaxis] * normals
        middle = 0.5 * (np.roll(line, 5, axis=0) + np.roll(line, -5, axis=0))
        offsets = np.clip(np.sum((middle - centre) * normals, axis=1), -most_m, most_m)
        if not is_closed:
            offsets[:5] = offsets[-5:] = 0.0
    return offsets


def _ahead(path: FloatArray, *, is_closed: bool) -> list[tuple[float, float]]:
    """Returns the points to aim at, beyond the finish too: the beginning again, or straight on."""
    if is_closed:
        beyond = path[: min(len(path), 40)]
    else:
        beyond = path[-1] + np.arange(1, 41)[:, np.newaxis] * (path[-1] - path[-2])
    return [(float(x), float(y)) for x, y in np.vstack([path, beyond])]


def _driven(
    track: Track, spec: VehicleSpec, path: list[tuple[float, float]], speed_mps: float, *, is_reversed: bool
) -> tuple[list[RewardParams], Outcome]:
    """Returns the parameters of every step after the first instant, and how the lap ended."""
    rules = TimeTrial(RaceSpec(max_steps=_MAX_STEPS), track)
    (x_m, y_m), (next_x_m, next_y_m) = path[:2]
    pose = Pose(x_m, y_m, math.atan2(next_y_m - y_m, next_x_m - x_m))
    location, vehicle = _located(track, spec, pose, speed_mps)
    race = rules.start(vehicle, location, 0.0)
    aim = 0
    states: list[RewardParams] = []
    while not race.outcome.ends_episode:
        aim = _aim(path, aim, pose, spec, speed_mps)
        steering_deg = _steering_deg(pose, path[aim], spec)
        pose = _rolled_on(pose, spec, math.radians(steering_deg), speed_mps / CONTROL_RATE_HZ)
        location, vehicle = _located(track, spec, pose, speed_mps)
        race = rules.advance(race, vehicle, location)
        command = Command(steering_deg, speed_mps)
        states.append(reward_params(track, vehicle, location, race, command, is_reversed=is_reversed))
    return states, race.outcome


def _located(track: Track, spec: VehicleSpec, pose: Pose, speed_mps: float) -> tuple[Location, VehicleState]:
    vehicle = standing_at(spec, pose, speed_mps)
    return track.locate(vehicle.front_x_m, vehicle.front_y_m, vehicle.wheels_xy_m), vehicle


def _rear(pose: Pose, spec: VehicleSpec) -> tuple[float, float]:
    rear_m = spec.rear_axle_x_m
    return pose.x_m + rear_m * math.cos(pose.yaw_rad), pose.y_m + rear_m * math.sin(pose.yaw_rad)


def _aim(path: list[tuple[float, float]], aim: int, pose: Pose, spec: VehicleSpec, speed_mps: float) -> int:
    """Returns the index of the first point ahead that is far enough away; it never goes back."""
    look_m = max(_SHORTEST_LOOK_M, _LOOK_AHEAD_S * speed_mps)
    x_m, y_m = _rear(pose, spec)
    while aim < len(path) - 1 and math.hypot(path[aim][0] - x_m, path[aim][1] - y_m) < look_m:
        aim += 1
    return aim


def _steering_deg(pose: Pose, target: tuple[float, float], spec: VehicleSpec) -> float:
    """Returns the angle of the arc from the rear axle to ``target``, within the actuator's reach."""
    x_m, y_m = _rear(pose, spec)
    ahead_m, aside_m = target[0] - x_m, target[1] - y_m
    left_m = -ahead_m * math.sin(pose.yaw_rad) + aside_m * math.cos(pose.yaw_rad)
    wheelbase_m = spec.front_axle_x_m - spec.rear_axle_x_m
    angle_rad = math.atan2(2.0 * wheelbase_m * left_m, ahead_m * ahead_m + aside_m * aside_m)
    angle_rad = min(max(angle_rad, -spec.max_steering_rad), spec.max_steering_rad)
    return round(math.degrees(angle_rad), 1)


def _rolled_on(pose: Pose, spec: VehicleSpec, steering_rad: float, distance_m: float) -> Pose:
    """Returns the pose after the rear axle has moved along its arc."""
    rear_m = spec.rear_axle_x_m
    turn_rad = distance_m * math.tan(steering_rad) / (spec.front_axle_x_m - rear_m)
    chord_m = distance_m * (math.sin(0.5 * turn_rad) / (0.5 * turn_rad) if turn_rad else 1.0)
    x_m, y_m = _rear(pose, spec)
    middle_rad, yaw_rad = pose.yaw_rad + 0.5 * turn_rad, pose.yaw_rad + turn_rad
    x_m += chord_m * math.cos(middle_rad) - rear_m * math.cos(yaw_rad)
    y_m += chord_m * math.sin(middle_rad) - rear_m * math.sin(yaw_rad)
    return Pose(x_m, y_m, yaw_rad)
