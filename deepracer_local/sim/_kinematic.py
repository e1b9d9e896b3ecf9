"""A car on rails: the kinematic bicycle, without mass and without a limit of grip, in plain Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    Command,
    DriveFactors,
    Pose,
    VehicleSpec,
    VehicleState,
    do_overlap,
)
from deepracer_local.sim._simulator import clip_command, require_finite_pose, require_snapshot

_N_SUBSTEPS = 4
_SUBSTEP_S = 1.0 / (CONTROL_RATE_HZ * _N_SUBSTEPS)
_SPEED_TIME_S = 0.1
_STEERING_RATE_RADPS = math.radians(60.0) / 0.12
_SNAPSHOT_LENGTH = 6


@dataclass(slots=True)
class _Box:
    half_m: tuple[float, float]
    """Half of its length and of its width."""
    pose: Pose
    target: Pose | None = None

    def at(self, share: float) -> Pose:
        """Returns where it is after this share of a step."""
        start, end = self.pose, self.target
        if end is None:
            return start
        x_m, y_m = (a + share * (b - a) for a, b in zip(start[:2], end[:2], strict=True))
        return Pose(x_m, y_m, start.yaw_rad + share * math.remainder(end.yaw_rad - start.yaw_rad, 2.0 * math.pi))


class KinematicSimulator:
    """The rear axle moves along the car, and the car turns by speed times tan(steering) over wheelbase.

    For tests and quick looks: it never slides, so nothing in it depends on grip. It drives through boxes and tells so.

    Source: R. Rajamani, Vehicle Dynamics and Control, 2nd edition, section 2.2, with the rear axle as reference point.
    """

    def __init__(self, vehicle: VehicleSpec = VehicleSpec()) -> None:  # noqa: B008  # frozen
        self._vehicle = vehicle
        self._x_m = self._y_m = self._yaw_rad = self._speed_mps = self._steering_rad = 0.0
        self._boxes: dict[int, _Box] = {}
        self._n_made = 0
        self._speed_time_s = _SPEED_TIME_S
        self._touched: frozenset[int] = frozenset()
        self._has_contact = False

    def reset(self, pose: Pose) -> VehicleState:
        """Puts the car at ``pose``, at rest, steering straight, without a history.

        Raises:
            InvalidInputError: the pose is not finite.
        """
        require_finite_pose(pose)
        return self.restore([*pose, 0.0, 0.0, 0.0])

    def step(self, command: Command | None) -> VehicleState:
        """Drives for one control step of 1/15 s and returns the state after it.

        Raises:
            InvalidInputError: the command is not finite.
        """
        target_rad, target_mps = (self._steering_rad, 0.0) if command is None else clip_command(command, self._vehicle)
        reach_rad = _STEERING_RATE_RADPS * _SUBSTEP_S
        approach = 1.0 - math.exp(-_SUBSTEP_S / self._speed_time_s)
        touched = set[int]()
        for i in range(_N_SUBSTEPS):
            self._steering_rad += min(max(target_rad - self._steering_rad, -reach_rad), reach_rad)
            self._speed_mps += (target_mps - self._speed_mps) * approach
            self._roll_on(self._speed_mps * _SUBSTEP_S)
            touched |= self._touching((i + 1) / _N_SUBSTEPS)
        for box in self._boxes.values():
            box.pose, box.target = box.target or box.pose, None
        self._touched, self._has_contact = frozenset(touched), bool(touched)
        return self._state()

    def adapt(self, drive: DriveFactors) -> None:
        """Has the motor take longer, by its own factor and by that of the mass; there is no friction to change."""
        self._speed_time_s = _SPEED_TIME_S * drive.motor_time * drive.mass

    def snapshot(self) -> list[float]:
        """Returns position and heading of ``base_link``, speed, steering angle and contact: 6 numbers."""
        motion = [self._speed_mps, self._steering_rad, float(self._has_contact)]
        return [self._x_m, self._y_m, self._yaw_rad, *motion]

    def restore(self, snapshot: Sequence[float]) -> VehicleState:
        """Goes back to a snapshot.

        Raises:
            InvalidInputError: this is not a snapshot of a ``KinematicSimulator``.
        """
        require_snapshot(snapshot, _SNAPSHOT_LENGTH)
        self._x_m, self._y_m, self._yaw_rad, self._speed_mps, self._steering_rad, has_contact = snapshot
        self._has_contact, self._touched = bool(has_contact), frozenset()
        return self._state()

    def add_box(self, pose: Pose, *, length_m: float, width_m: float, height_m: float) -> int:
        """Stands a box on the ground, centred at ``pose``; returns its number."""
        number = self._n_made
        self._n_made += 1
        self._boxes[number] = _Box((0.5 * length_m, 0.5 * width_m), pose)
        return number

    def place_box(self, box: int, pose: Pose) -> None:
        """Puts a box somewhere at once."""
        self._boxes[box].pose, self._boxes[box].target = pose, None

    def move_box(self, box: int, pose: Pose) -> None:
        """Has a box move evenly during the next step, at whose end it is at ``pose``."""
        self._boxes[box].target = pose

    def remove_box(self, box: int) -> None:
        """Takes a box of ``add_box`` away again."""
        del self._boxes[box]

    @property
    def touched_boxes(self) -> frozenset[int]:
        """The numbers of the boxes that the car touched in the last step."""
        return self._touched

    def close(self) -> None:
        """Does nothing; there is nothing to give back."""

    def _roll_on(self, distance_m: float) -> None:
        """Moves the rear axle along an arc, exactly."""
        rear_m = self._vehicle.rear_axle_x_m
        turn_rad = distance_m * math.tan(self._steering_rad) / (self._vehicle.front_axle_x_m - rear_m)
        half_rad = 0.5 * turn_rad
        chord_m = distance_m * (math.sin(half_rad) / half_rad if half_rad != 0.0 else 1.0)
        before_rad, after_rad = self._yaw_rad, self._yaw_rad + turn_rad
        middle_rad = before_rad + half_rad
        self._x_m += chord_m * math.cos(middle_rad) + rear_m * (math.cos(before_rad) - math.cos(after_rad))
        self._y_m += chord_m * math.sin(middle_rad) + rear_m * (math.sin(before_rad) - math.sin(after_rad))
        self._yaw_rad = after_rad

    def _state(self) -> VehicleState:
        vehicle = self._vehicle
        yaw_rad = math.atan2(math.sin(self._yaw_rad), math.cos(self._yaw_rad))
        cosine, sine = math.cos(yaw_rad), math.sin(yaw_rad)
        wheelbase_m = vehicle.front_axle_x_m - vehicle.rear_axle_x_m
        yaw_rate_radps = self._speed_mps * math.tan(self._steering_rad) / wheelbase_m
        front_x_m, front_y_m = self._at(vehicle.front_point_x_m, 0.0, cosine, sine)
        left_m = 0.5 * vehicle.axle_track_m
        return VehicleState(
            x_m=self._x_m,
            y_m=self._y_m,
            z_m=0.0,
            roll_rad=0.0,
            pitch_rad=0.0,
            yaw_rad=math.pi if yaw_rad <= -math.pi else yaw_rad,
            speed_mps=self._speed_mps,
            lateral_speed_mps=-vehicle.rear_axle_x_m * yaw_rate_radps,
            yaw_rate_radps=yaw_rate_radps,
            front_x_m=front_x_m,
            front_y_m=front_y_m,
            wheels_xy_m=(
                *self._at(vehicle.rear_axle_x_m, left_m, cosine, sine),
                *self._at(vehicle.front_axle_x_m, left_m, cosine, sine),
                *self._at(vehicle.rear_axle_x_m, -left_m, cosine, sine),
                *self._at(vehicle.front_axle_x_m, -left_m, cosine, sine),
            ),
            has_contact=self._has_contact,
        )

    def _touching(self, share: float) -> set[int]:
        """Returns the boxes that the car touches after this share of the step."""
        own = Pose(self._x_m, self._y_m, self._yaw_rad)
        half_m = (0.5 * self._vehicle.length_m, 0.5 * self._vehicle.width_m)
        return {number for number, box in self._boxes.items() if do_overlap(own, half_m, box.at(share), box.half_m)}

    def _at(self, forward_m: float, left_m: float, cosine: float, sine: float) -> tuple[float, float]:
        return (
            self._x_m + forward_m * cosine - left_m * sine,
            self._y_m + forward_m * sine + left_m * cosine,
        )
