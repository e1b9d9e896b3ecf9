"""States to try a reward function on: a fixed tour of one track that no simulator has to drive."""

from __future__ import annotations

import math
from typing import NamedTuple

from deepracer_local.domain import CONTROL_RATE_HZ, Command, Outcome, Pose, RewardParams, VehicleSpec, VehicleState
from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._rules import RaceState
from deepracer_local.track import Track

N_POSITIONS = 24
"""Places along the lap; each is visited in every lane."""


class _Lane(NamedTuple):
    place: str
    """For a person who reads where a function failed."""
    share_of_half_width: float
    """Sideways from the centre line, positive to the left."""
    beyond_m: float
    """Added on the same side, to stand off the road whatever its width."""
    turn_deg: float
    """Heading against the road's direction."""


_LANES = (
    _Lane("on the centre line", 0.0, 0.0, 0.0),
    _Lane("left of the centre line", 0.3, 0.0, -8.0),
    _Lane("right of the centre line", -0.3, 0.0, 8.0),
    _Lane("near the left border", 0.6, 0.0, 20.0),
    _Lane("near the right border", -0.6, 0.0, -20.0),
    _Lane("at the left border", 0.95, 0.0, 0.0),
    _Lane("at the right border", -0.95, 0.0, 0.0),
    _Lane("off the road on the left", 1.0, 0.3, 0.0),
    _Lane("off the road on the right", -1.0, -0.3, 0.0),
    _Lane("facing the wrong way", 0.1, 0.0, 180.0),
)
_STEERING_DEG = (0.0, 15.0, -15.0, 30.0, -30.0)
_SPEEDS_MPS = (1.0, 0.5, 2.0, 4.0)


def sample_states(
    track: Track, *, vehicle_spec: VehicleSpec | None = None, is_reversed: bool = False
) -> list[RewardParams]:
    """Returns 242 reward parameter dictionaries of ``track``, the same ones every time.

    They begin at the start, go round the lap with the car near the centre, towards and beyond both borders and facing
    the wrong way, and end at the finish. ``steps`` and ``sim_time`` grow as they would in an episode; speed and
    steering vary.

    Args:
        track: in driving direction.
        vehicle_spec: the car; the standard one where it is left out.
        is_reversed: what the states say about the direction.
    """
    spec = vehicle_spec or VehicleSpec()
    poses = [track.start_pose(0.0)]
    poses += [_pose(track, track.length_m * i / N_POSITIONS, lane) for i in range(N_POSITIONS) for lane in _LANES]
    finish = track.point_at(0.0 if track.is_closed else track.length_m)
    poses.append(Pose(*finish))
    return [
        _state(track, spec, pose, _command(index), index, is_finish=index == len(poses) - 1, is_reversed=is_reversed)
        for index, pose in enumerate(poses)
    ]


def sampled_places() -> list[str]:
    """Returns what each state of ``sample_states`` shows, in the same order."""
    return ["at the start", *(lane.place for _ in range(N_POSITIONS) for lane in _LANES), "at the finish"]


def _pose(track: Track, s_m: float, lane: _Lane) -> Pose:
    x_m, y_m, yaw_rad = track.point_at(s_m)
    sideways_m = lane.share_of_half_width * 0.5 * track.mean_width_m + lane.beyond_m
    turned = yaw_rad + math.radians(lane.turn_deg)
    return Pose(x_m - sideways_m * math.sin(yaw_rad), y_m + sideways_m * math.cos(yaw_rad), turned)


def _command(index: int) -> Command:
    return Command(_STEERING_DEG[index % 5], _SPEEDS_MPS[index // 5 % 4])


def _state(
    track: Track, spec: VehicleSpec, pose: Pose, command: Command, index: int, *, is_finish: bool, is_reversed: bool
) -> RewardParams:
    vehicle = standing_at(spec, pose, command.speed_mps if index else 0.0)
    location = track.locate(vehicle.front_x_m, vehicle.front_y_m, vehicle.wheels_xy_m)
    outcome = Outcome.OFF_TRACK if location.wheels_on_track == 0 else Outcome.IN_PROGRESS
    # Off the road, or facing backwards on the start line, the nearest point of a loop may lie at the lap's very end.
    is_behind_start = index <= len(_LANES) and location.ndist > 0.5
    progress = 100.0 if is_finish else 0.0 if is_behind_start else 100.0 * location.ndist
    race = race_state(
        vehicle, steps=index + 2, progress=progress, outcome=Outcome.LAP_COMPLETE if is_finish else outcome
    )
    return reward_params(track, vehicle, location, race, command, is_reversed=is_reversed)


def race_state(vehicle: VehicleState, *, steps: int, progress: float, outcome: Outcome) -> RaceState:
    """Returns the race of a car that started at the line and came here in so many steps."""
    return RaceState(
        steps=steps,
        time_s=(steps - 1) / CONTROL_RATE_HZ,
        start_ndist=0.0,
        progress=progress,
        prev_progress=0.0,
        laps=(),
        lap_start_time_s=0.0,
        lap_start_step=0,
        reverse_count=0,
        immobilized_count=0,
        x_m=vehicle.front_x_m,
        y_m=vehicle.front_y_m,
        outcome=outcome,
    )


def standing_at(spec: VehicleSpec, pose: Pose, speed_mps: float) -> VehicleState:
    """Returns a car that stands flat at ``pose`` and rolls straight ahead."""
    cos, sin = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    half_m = 0.5 * spec.axle_track_m
    rear_m, front_m = spec.rear_axle_x_m, spec.front_axle_x_m
    corners = ((rear_m, half_m), (front_m, half_m), (rear_m, -half_m), (front_m, -half_m))
    (a, b), (c, d), (e, f), (g, h) = (
        (pose.x_m + along * cos - aside * sin, pose.y_m + along * sin + aside * cos) for along, aside in corners
    )
    return VehicleState(
        x_m=pose.x_m,
        y_m=pose.y_m,
        z_m=0.0,
        roll_rad=0.0,
        pitch_rad=0.0,
        yaw_rad=math.atan2(sin, cos),
        speed_mps=speed_mps,
        lateral_speed_mps=0.0,
        yaw_rate_radps=0.0,
        front_x_m=pose.x_m + spec.front_point_x_m * cos,
        front_y_m=pose.y_m + spec.front_point_x_m * sin,
        wheels_xy_m=(a, b, c, d, e, f, g, h),
        has_contact=False,
    )
