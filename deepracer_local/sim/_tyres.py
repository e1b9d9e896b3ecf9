"""The default physics: PyBullet integrates one rigid body that stands and drives on four tyres with finite grip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    GRAVITY_MPS2,
    Command,
    DriveFactors,
    FloatArray,
    Pose,
    VehicleSpec,
    VehicleState,
)
from deepracer_local.errors import InvalidInputError
from deepracer_local.sim._bullet import BodySpec, heading_quaternion
from deepracer_local.sim._simulator import clip_command, require_finite_pose, require_snapshot
from deepracer_local.sim._tyre_kernels import (
    DAMPER,
    FRICTION,
    HEIGHT,
    SPEED_TARGET,
    SPEED_TIME,
    SPRING,
    STEERING,
    STEERING_TARGET,
    BodyMotion,
    BodyPose,
    body_state,
    tyre_wrench,
)
from deepracer_local.sim._world import RigidBodyWorld

PHYSICS_RATE_HZ = 120
"""Default number of physics sub-steps per simulated second; ``docs/physics.md`` says why."""
LOWEST_RATE_HZ = 60
"""Below it the dampers of the suspension would not be stable."""

_SNAPSHOT_LENGTH = 15


@dataclass(frozen=True, slots=True)
class Chassis:
    """What the tyre model needs beyond ``VehicleSpec``. ``docs/physics.md`` gives the reason for each number."""

    centre_of_mass_z_m: float = 0.0358
    """Above ``base_link``, which rests at ground level. Source: the deepracer URDF's parts, weighted by mass."""
    gyration_radii_m: tuple[float, float, float] = (0.0633, 0.1070, 0.1132)
    """About x, y and z: root of inertia over mass. Source: the same parts, by the parallel axis theorem."""
    front_stiffness_per_rad: float = 10.0
    """Lateral force per load and slip angle, for small angles."""
    rear_stiffness_per_rad: float = 11.5
    front_side_share: float = 0.87
    """The front tyres' sideways grip as a share of the rear ones'; below one the car runs wide instead of spinning."""
    ride_frequency_radps: float = 40.0
    """Of the undamped vertical motion; the springs sink by g / w^2 = 6 mm under the car's weight."""
    damping_ratio: float = 0.7
    speed_time_s: float = 0.05
    """The motor asks for (commanded speed - speed) / this, within its limit."""
    drive_limit: float = 0.9
    """Largest share of the grip that the motor or the brake uses; the rest steers."""
    front_drive_fade_rad: float = math.radians(6.0)
    """Steering angle from which the front wheels are braked but no longer driven."""
    steering_rate_radps: float = math.radians(60.0) / 0.12
    """A common servo turns 60 degrees in 0.12 s."""


class TyreSimulator:
    """A rigid body in PyBullet, under the forces of four tyres.

    Law: a control step is ``physics_rate_hz / 15`` sub-steps, counted by ``physics_steps``; no clock is read.
    """

    def __init__(
        self,
        vehicle: VehicleSpec = VehicleSpec(),  # noqa: B008  # frozen
        *,
        physics_rate_hz: int = PHYSICS_RATE_HZ,
        chassis: Chassis = Chassis(),
    ) -> None:
        if physics_rate_hz < LOWEST_RATE_HZ or physics_rate_hz % CONTROL_RATE_HZ:
            raise InvalidInputError(
                f"Expected a physics rate of {LOWEST_RATE_HZ} Hz or more that is a multiple of {CONTROL_RATE_HZ}, "
                f"got {physics_rate_hz}; take {PHYSICS_RATE_HZ}."
            )
        self._vehicle = vehicle
        self._n_substeps = physics_rate_hz // CONTROL_RATE_HZ
        self._wheels = _wheel_rows(vehicle, chassis)
        self._specified = _constants(vehicle, chassis, 1.0 / physics_rate_hz)
        self._constants = self._specified
        self._points = _state_points(vehicle, chassis)
        self._rest_height_m = chassis.centre_of_mass_z_m
        self._actuator = np.zeros(3)
        self._has_contact = False
        self._world = RigidBodyWorld(_body_spec(vehicle, chassis, 1.0 / physics_rate_hz))
        self.reset(Pose(0.0, 0.0, 0.0))

    @property
    def physics_steps(self) -> int:
        """Sub-steps since the simulator was made."""
        return self._world.steps

    def reset(self, pose: Pose) -> VehicleState:
        """Puts the car at ``pose``, at rest on its springs, steering straight, without a history.

        Raises:
            InvalidInputError: the pose is not finite.
        """
        require_finite_pose(pose)
        self._world.place(((pose.x_m, pose.y_m, self._rest_height_m), heading_quaternion(pose.yaw_rad)))
        self._actuator[:] = 0.0
        self._has_contact = False
        return self._state()

    def step(self, command: Command | None) -> VehicleState:
        """Drives for one control step of 1/15 s and returns the state after it.

        Raises:
            InvalidInputError: the command is not finite.
        """
        actuator = self._actuator
        if command is None:
            actuator[STEERING_TARGET] = actuator[STEERING]
            actuator[SPEED_TARGET] = 0.0
        else:
            actuator[STEERING_TARGET], actuator[SPEED_TARGET] = clip_command(command, self._vehicle)
        self._world.advance(self._n_substeps, tyre_wrench, actuator, self._wheels, self._constants)
        self._has_contact = bool(self._world.touched)
        return self._state()

    def adapt(self, drive: DriveFactors) -> None:
        """Has the car differ from its specification by ``drive`` from the next ``reset`` or ``restore`` on.

        All forces of the tyres go with the load, so a heavier car corners as fast: what its mass changes is how long
        the same motor takes, and how far and how slowly the same springs give way.
        """
        constants = self._specified.copy()
        constants[FRICTION] *= drive.friction
        constants[SPEED_TIME] *= drive.motor_time * drive.mass
        constants[HEIGHT] -= (drive.mass - 1.0) / constants[SPRING]
        constants[SPRING] /= drive.mass
        constants[DAMPER] /= drive.mass
        self._constants = constants
        self._rest_height_m = float(constants[HEIGHT])

    def snapshot(self) -> list[float]:
        """Returns position, quaternion, velocity, angular velocity, steering angle and contact: 15 numbers."""
        position, quaternion = self._world.pose
        velocity, turning = self._world.motion
        steering_rad = float(self._actuator[STEERING])
        return [*position, *quaternion, *velocity, *turning, steering_rad, float(self._has_contact)]

    def restore(self, snapshot: Sequence[float]) -> VehicleState:
        """Goes back to a snapshot; the boxes are not part of it.

        Raises:
            InvalidInputError: this is not a snapshot of a ``TyreSimulator``.
        """
        require_snapshot(snapshot, _SNAPSHOT_LENGTH)
        x, y, z, qx, qy, qz, qw, vx, vy, vz, wx, wy, wz, steering_rad, has_contact = snapshot
        pose: BodyPose = ((x, y, z), (qx, qy, qz, qw))
        motion: BodyMotion = ((vx, vy, vz), (wx, wy, wz))
        self._world.place(pose, motion)
        self._actuator[STEERING] = steering_rad
        self._has_contact = bool(has_contact)
        return self._state()

    def add_box(self, pose: Pose, *, length_m: float, width_m: float, height_m: float) -> int:
        """Stands a box on the ground that the car cannot move, centred at ``pose``; returns its number."""
        return self._world.add_box(pose, length_m=length_m, width_m=width_m, height_m=height_m)

    def place_box(self, box: int, pose: Pose) -> None:
        """Puts a box somewhere at once."""
        self._world.place_box(box, pose)

    def move_box(self, box: int, pose: Pose) -> None:
        """Has a box move evenly during the next step, at whose end it is at ``pose``."""
        self._world.move_box(box, pose)

    def remove_box(self, box: int) -> None:
        """Takes a box of ``add_box`` away again."""
        self._world.remove_box(box)

    @property
    def touched_boxes(self) -> frozenset[int]:
        """The numbers of the boxes that the car touched in the last step."""
        return self._world.touched

    def close(self) -> None:
        """Gives up its PyBullet client; a second call does nothing."""
        self._world.close()

    def _state(self) -> VehicleState:
        body, wheels = body_state(self._world.pose, self._world.motion, self._points)
        return VehicleState(*body, wheels, self._has_contact)


def _body_spec(vehicle: VehicleSpec, chassis: Chassis, time_step_s: float) -> BodySpec:
    x, y, z = (vehicle.mass_kg * radius * radius for radius in chassis.gyration_radii_m)
    return BodySpec(
        mass_kg=vehicle.mass_kg,
        inertia_kgm2=(x, y, z),
        size_m=(vehicle.length_m, vehicle.width_m, vehicle.height_m),
        box_centre_m=(0.0, 0.0, 0.5 * vehicle.height_m - chassis.centre_of_mass_z_m),
        time_step_s=time_step_s,
    )


def _wheel_rows(vehicle: VehicleSpec, chassis: Chassis) -> FloatArray:
    """Returns the rows of ``tyre_wrench``: rear left, front left, rear right, front right."""
    rear_x_m, front_x_m = vehicle.rear_axle_x_m, vehicle.front_axle_x_m
    half_weight_n = 0.5 * vehicle.mass_kg * GRAVITY_MPS2
    # The loads that balance about the centre of mass, so that the car rests level.
    front_load_n = half_weight_n * -rear_x_m / (front_x_m - rear_x_m)
    rear = (half_weight_n - front_load_n, chassis.rear_stiffness_per_rad, 0.0, 1.0)
    front = (front_load_n, chassis.front_stiffness_per_rad, 1.0, chassis.front_side_share)
    left_m = 0.5 * vehicle.axle_track_m
    return np.array(
        [
            (rear_x_m, left_m, *rear),
            (front_x_m, left_m, *front),
            (rear_x_m, -left_m, *rear),
            (front_x_m, -left_m, *front),
        ]
    )


def _constants(vehicle: VehicleSpec, chassis: Chassis, time_step_s: float) -> FloatArray:
    frequency = chassis.ride_frequency_radps
    return np.array(
        [
            time_step_s,
            GRAVITY_MPS2,
            vehicle.friction,
            chassis.centre_of_mass_z_m,
            vehicle.front_axle_x_m - vehicle.rear_axle_x_m,
            chassis.steering_rate_radps,
            chassis.speed_time_s,
            chassis.drive_limit,
            frequency * frequency / GRAVITY_MPS2,
            2.0 * chassis.damping_ratio * frequency / GRAVITY_MPS2,
            math.sin(chassis.front_drive_fade_rad),
        ]
    )


def _state_points(vehicle: VehicleSpec, chassis: Chassis) -> FloatArray:
    left_m = 0.5 * vehicle.axle_track_m
    base_link = [
        (0.0, 0.0, 0.0),
        (vehicle.front_point_x_m, 0.0, 0.0),
        (vehicle.rear_axle_x_m, left_m, 0.0),
        (vehicle.front_axle_x_m, left_m, 0.0),
        (vehicle.rear_axle_x_m, -left_m, 0.0),
        (vehicle.front_axle_x_m, -left_m, 0.0),
    ]
    return np.array(base_link) - (0.0, 0.0, chassis.centre_of_mass_z_m)
