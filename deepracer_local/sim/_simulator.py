"""What every simulator does: the seam between the car's physics and everybody who drives it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from deepracer_local.domain import Command, DriveFactors, Pose, VehicleSpec, VehicleState
from deepracer_local.errors import InvalidInputError


class Simulator(Protocol):
    """One car on an endless flat ground.

    Laws, shown by ``tests/contract/test_simulator.py``: the states depend on the pose of the last reset and the
    commands since, bit for bit, and on nothing else; what ``restore`` is given goes on as it went on before.
    """

    def reset(self, pose: Pose) -> VehicleState:
        """Puts the car at ``pose``, at rest, steering straight, without a history.

        Raises:
            InvalidInputError: the pose is not finite.
        """
        ...

    def step(self, command: Command | None) -> VehicleState:
        """Drives for one control step of 1/15 s and returns the state after it.

        Args:
            command: clipped to the limits of the car; None brakes to standstill and leaves the steering where it is.

        Raises:
            InvalidInputError: the command is not finite.
        """
        ...

    def adapt(self, drive: DriveFactors) -> None:
        """Has the car differ from its specification by ``drive`` from the next ``reset`` or ``restore`` on.

        Law: a simulator that is adapted to ``DriveFactors()`` drives as one that never was, bit for bit.
        """
        ...

    def snapshot(self) -> list[float]:
        """Returns everything that ``restore`` needs to go on bit for bit, as plain finite numbers."""
        ...

    def restore(self, snapshot: Sequence[float]) -> VehicleState:
        """Goes back to a snapshot, of this simulator or of another one of the same kind and specification.

        Boxes and what the car was adapted to are not part of it: whoever has set them sets them again.

        Raises:
            InvalidInputError: this is not a snapshot of such a simulator.
        """
        ...

    def add_box(self, pose: Pose, *, length_m: float, width_m: float, height_m: float) -> int:
        """Stands a box on the ground that the car cannot move, centred at ``pose``; returns its number.

        Args:
            pose: the middle of its footprint, and where it looks.
            length_m: along its heading.
            width_m: across.
            height_m: upwards.
        """
        ...

    def place_box(self, box: int, pose: Pose) -> None:
        """Puts a box somewhere at once.

        Raises:
            KeyError: there is no such box.
        """
        ...

    def move_box(self, box: int, pose: Pose) -> None:
        """Has a box move evenly during the next step, at whose end it is at ``pose``.

        Raises:
            KeyError: there is no such box.
        """
        ...

    def remove_box(self, box: int) -> None:
        """Takes a box away again.

        Raises:
            KeyError: there is no such box.
        """
        ...

    @property
    def touched_boxes(self) -> frozenset[int]:
        """The numbers of the boxes that the car touched in the last step."""
        ...

    def close(self) -> None:
        """Gives back what the simulator holds; a second call does nothing."""
        ...


def clip_command(command: Command, vehicle: VehicleSpec) -> tuple[float, float]:
    """Returns steering angle in radians, positive to the left, and speed in m/s, both within the car's limits.

    Raises:
        InvalidInputError: the command is not finite.
    """
    steering_rad, speed_mps = command.steering_rad, command.speed_mps
    if not math.isfinite(steering_rad + speed_mps):
        raise InvalidInputError(f"Expected a command of two finite numbers, got {command!r}; check the action space.")
    limit = vehicle.max_steering_rad
    return min(max(steering_rad, -limit), limit), min(max(speed_mps, vehicle.min_speed_mps), vehicle.max_speed_mps)


def require_finite_pose(pose: Pose) -> None:
    """Checks a pose.

    Raises:
        InvalidInputError: one of its three numbers is not finite.
    """
    if not all(math.isfinite(value) for value in pose):
        raise InvalidInputError(f"Expected a pose of three finite numbers, got {pose!r}; check the start position.")


def require_snapshot(snapshot: Sequence[float], length: int) -> None:
    """Checks what ``restore`` was given.

    Raises:
        InvalidInputError: it is not ``length`` finite numbers.
    """
    if len(snapshot) != length or not all(math.isfinite(value) for value in snapshot):
        raise InvalidInputError(
            f"Expected a snapshot of {length} finite numbers, got {len(snapshot)}: {list(snapshot)!r}; "
            "restore only what a simulator of the same kind returned."
        )
