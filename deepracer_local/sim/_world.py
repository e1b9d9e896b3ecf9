"""The world of one car: a rigid body without a ground under it, and boxes that it cannot move."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from deepracer_local.domain import FloatArray, Pose
from deepracer_local.errors import WorldError
from deepracer_local.sim._bullet import FAR_AWAY, REST, SHARED, BodySpec, BulletClient, Path, Wrench
from deepracer_local.sim._tyre_kernels import BodyMotion, BodyPose, Vector

_OUT_OF_REACH_M = 0.25
"""Farther from a body's and a box's corners than the way of a step, they do not meet: Bullet keeps contact points up to
20 mm apart, and the greatest grip that can be asked for takes a car 0.2 m farther than its speed does."""


@dataclass(slots=True)
class _Box:
    size_m: Vector
    pose: Pose
    target: Pose | None = None
    """Where it is at the end of the next step; None for one that stands."""
    reach_m: float = field(init=False)
    """From its middle to a corner of its footprint."""

    def __post_init__(self) -> None:
        self.reach_m = 0.5 * math.hypot(self.size_m[0], self.size_m[1])

    def place(self, pose: Pose) -> tuple[Vector, float]:
        return (pose.x_m, pose.y_m, 0.5 * self.size_m[2]), pose.yaw_rad


class RigidBodyWorld:
    """One body under gravity, stepped by count.

    Law: after ``place`` and after every ``advance`` the future depends on ``pose``, ``motion`` and boxes alone, bit
    for bit. This is what lets worlds with the same body and equally large boxes share a PyBullet client.

    Attributes:
        steps: how often the world was stepped.
        pose: position and quaternion of the centre of mass.
        motion: velocity of the centre of mass and angular velocity, world frame.
        touched: the numbers of the boxes that the body touched since the last ``advance`` began.
    """

    def __init__(self, body: BodySpec) -> None:
        self.steps = 0
        self.pose: BodyPose = FAR_AWAY
        self.motion: BodyMotion = REST
        self.touched: frozenset[int] = frozenset()
        self._body = body
        self._boxes: dict[int, _Box] = {}
        self._n_made = 0
        self._sizes_m: tuple[Vector, ...] = ()
        self._client: BulletClient | None = SHARED.borrow(body, self._sizes_m)
        self._open_road = SHARED.borrow(body, ())
        self._reach_m = 0.5 * math.hypot(body.size_m[0], body.size_m[1]) + math.hypot(*body.box_centre_m[:2])
        self._step_s = body.time_step_s

    def place(self, pose: BodyPose, motion: BodyMotion = REST) -> None:
        """Puts the body somewhere, as if it had never been anywhere else."""
        self.pose, self.motion = pose, motion
        self.touched = frozenset()

    def advance(
        self, n_steps: int, wrench: Wrench, actuator: FloatArray, wheels: FloatArray, constants: FloatArray
    ) -> None:
        """Steps the world ``n_steps`` times, each under the force and torque that ``wrench`` asks for.

        Raises:
            WorldError: the world was closed.
        """
        client = self._open_client()
        self.touched = frozenset()
        if self._is_any_box_near(n_steps * self._step_s):
            self._advance_among_boxes(client, n_steps, wrench, actuator, wheels, constants)
        else:  # no box can make a difference, and a world without any takes half the time
            with self._open_road.lock:
                # Bullet's own pose differs in the last bits from the one that it tells: it is told what it told.
                self._open_road.place(self.pose, self.motion)
                self.pose, self.motion = self._open_road.advance(n_steps, wrench, actuator, wheels, constants)
        for box in self._boxes.values():
            if box.target is not None:
                box.pose, box.target = box.target, None
        self.steps += n_steps

    def add_box(self, pose: Pose, *, length_m: float, width_m: float, height_m: float) -> int:
        """Stands a box on the ground that the body cannot move, centred at ``pose``; returns its number.

        Raises:
            WorldError: the world was closed.
        """
        self._open_client()
        number = self._n_made
        self._n_made += 1
        self._boxes[number] = _Box((length_m, width_m, height_m), pose)
        return number

    def place_box(self, box: int, pose: Pose) -> None:
        """Puts a box somewhere, as if it had never been elsewhere.

        Raises:
            KeyError: there is no such box.
        """
        self._boxes[box].pose, self._boxes[box].target = pose, None

    def move_box(self, box: int, pose: Pose) -> None:
        """Has a box move evenly to ``pose`` in the next ``advance``.

        Raises:
            KeyError: there is no such box.
        """
        self._boxes[box].target = pose

    def remove_box(self, box: int) -> None:
        """Takes a box away again.

        Raises:
            KeyError: there is no such box.
        """
        del self._boxes[box]

    def close(self) -> None:
        """Disconnects; a second call does nothing."""
        client, self._client = self._client, None
        if client is not None:
            SHARED.give_back(self._body, self._sizes_m)
            SHARED.give_back(self._body, ())

    def _advance_among_boxes(
        self,
        client: BulletClient,
        n_steps: int,
        wrench: Wrench,
        actuator: FloatArray,
        wheels: FloatArray,
        constants: FloatArray,
    ) -> None:
        boxes = list(self._boxes.values())
        paths: dict[int, Path] = {
            index: (*box.place(box.pose), *box.place(box.target))
            for index, box in enumerate(boxes)
            if box.target is not None
        }
        with client.lock:
            client.arrange([box.place(box.pose) for box in boxes])
            client.place(self.pose, self.motion)
            self.pose, self.motion, touched = client.advance_among_boxes(
                n_steps, wrench, actuator, wheels, constants, paths=paths
            )
        numbers = list(self._boxes)
        self.touched = frozenset(numbers[index] for index in touched)

    def _is_any_box_near(self, seconds: float) -> bool:
        """Returns whether the body may touch a box, or what Bullet takes for that, within so many seconds."""
        (x_m, y_m, _), _ = self.pose
        (vx, vy, _), _ = self.motion
        far_m = self._reach_m + math.hypot(vx, vy) * seconds + _OUT_OF_REACH_M
        for box in self._boxes.values():
            at, to = box.pose, box.target
            way_m = 0.0 if to is None else math.hypot(to.x_m - at.x_m, to.y_m - at.y_m)
            if math.hypot(at.x_m - x_m, at.y_m - y_m) < far_m + box.reach_m + way_m:
                return True
        return False

    def _open_client(self) -> BulletClient:
        if self._client is None:
            raise WorldError("Expected an open simulator, got a closed one; make a new one to go on driving.")
        sizes_m = tuple(box.size_m for box in self._boxes.values())
        if sizes_m != self._sizes_m:
            client = SHARED.borrow(self._body, sizes_m)
            SHARED.give_back(self._body, self._sizes_m)
            self._client, self._sizes_m = client, sizes_m
        return self._client
