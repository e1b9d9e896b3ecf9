"""PyBullet clients with a body in them, and who uses them.

A client takes 28 MB and some 20 ms to make. Cars with the same body and boxes of the same sizes in their way therefore
share one: each puts the body and the boxes where its own are before it drives, and nothing else is left in a client
from one drive to the next.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deepracer_local.domain import GRAVITY_MPS2, FloatArray
from deepracer_local.errors import WorldError
from deepracer_local.sim._engine import pybullet
from deepracer_local.sim._tyre_kernels import BodyMotion, BodyPose, Quaternion, Vector

Wrench = Callable[[BodyPose, BodyMotion, FloatArray, FloatArray, FloatArray], tuple[Vector, Vector]]

REST: BodyMotion = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
FAR_AWAY: BodyPose = ((0.0, 0.0, 1e4), (0.0, 0.0, 0.0, 1.0))
# Bullet keeps contact points that are still, or again, up to 20 mm apart.
_TOUCHING_M = 1e-3

Path = tuple[Vector, float, Vector, float]
"""Of a box during a step: place and yaw at its beginning, place and yaw at its end."""


@dataclass(frozen=True, slots=True)
class BodySpec:
    """A rigid box; positions are from its centre of mass, in its own frame."""

    mass_kg: float
    inertia_kgm2: Vector
    """About the x, y and z axis through the centre of mass."""
    size_m: Vector
    """Length, width and height of the collision box."""
    box_centre_m: Vector
    time_step_s: float
    """Of the physics."""


class BulletClient:
    """One body under gravity without a ground, and boxes that only ``arrange`` and the paths of a step move.

    Attributes:
        lock: held by whoever drives, from putting the body somewhere to reading where it has come.
    """

    def __init__(self, body: BodySpec, box_sizes_m: tuple[Vector, ...] = ()) -> None:
        self._client = client = pybullet.connect(pybullet.DIRECT)
        if client < 0:
            raise WorldError("Expected a free PyBullet client, got none; close simulators that are no longer needed.")
        self.lock = threading.Lock()
        pybullet.setGravity(0.0, 0.0, -GRAVITY_MPS2, physicsClientId=client)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=body.time_step_s,
            numSolverIterations=10,
            deterministicOverlappingPairs=1,
            enableFileCaching=0,
            physicsClientId=client,
        )
        self._body = self._create(body.size_m, body.mass_kg, centre_m=body.box_centre_m)
        pybullet.changeDynamics(
            self._body,
            -1,
            localInertiaDiagonal=body.inertia_kgm2,
            # Bullet damps every body by default; here only the tyres take energy.
            linearDamping=0.0,
            angularDamping=0.0,
            physicsClientId=client,
        )
        self._boxes = [self._create(size_m, 0.0) for size_m in box_sizes_m]
        self._step_s = body.time_step_s

    def place(self, pose: BodyPose, motion: BodyMotion) -> None:
        """Puts the body somewhere."""
        position, quaternion = pose
        pybullet.resetBasePositionAndOrientation(self._body, position, quaternion, physicsClientId=self._client)
        pybullet.resetBaseVelocity(self._body, *motion, physicsClientId=self._client)

    def arrange(self, places: Sequence[tuple[Vector, float]]) -> None:
        """Puts each box at its place, turned by its yaw, as if it had never been elsewhere.

        The body goes far away first: that parts the pairs of body and box, and with them drops their contact points,
        which Bullet keeps otherwise.
        """
        self.place(FAR_AWAY, REST)
        for box, (place_m, yaw_rad) in zip(self._boxes, places, strict=True):
            self._put(box, place_m, yaw_rad)
            pybullet.resetBaseVelocity(box, *REST, physicsClientId=self._client)
        pybullet.performCollisionDetection(physicsClientId=self._client)

    def advance(
        self, n_steps: int, wrench: Wrench, actuator: FloatArray, wheels: FloatArray, constants: FloatArray
    ) -> tuple[BodyPose, BodyMotion]:
        """Steps ``n_steps`` times, each under the force and torque that ``wrench`` asks for; returns where it ends."""
        body, client = self._body, self._client
        get_pose, get_motion = pybullet.getBasePositionAndOrientation, pybullet.getBaseVelocity
        push, turn, step = pybullet.applyExternalForce, pybullet.applyExternalTorque, pybullet.stepSimulation
        frame = pybullet.WORLD_FRAME
        for _ in range(n_steps):
            pose = get_pose(body, physicsClientId=client)
            force, torque = wrench(pose, get_motion(body, physicsClientId=client), actuator, wheels, constants)
            push(body, -1, force, pose[0], frame, physicsClientId=client)
            turn(body, -1, torque, frame, physicsClientId=client)
            step(physicsClientId=client)
        return get_pose(body, physicsClientId=client), get_motion(body, physicsClientId=client)

    def advance_among_boxes(  # as advance, and which boxes move
        self,
        n_steps: int,
        wrench: Wrench,
        actuator: FloatArray,
        wheels: FloatArray,
        constants: FloatArray,
        *,
        paths: Mapping[int, Path],
    ) -> tuple[BodyPose, BodyMotion, set[int]]:
        """Does the same where the body may touch boxes; returns the indices of those that it touched, too.

        Between two steps boxes move on along ``paths``, by their index, and what is touched only for a moment is seen.
        """
        body, client = self._body, self._client
        get_pose, get_motion = pybullet.getBasePositionAndOrientation, pybullet.getBaseVelocity
        pose, motion = get_pose(body, physicsClientId=client), get_motion(body, physicsClientId=client)
        touched = set[int]()
        for i in range(n_steps):
            self._move_on(paths, i, n_steps)
            force, torque = wrench(pose, motion, actuator, wheels, constants)
            pybullet.applyExternalForce(body, -1, force, pose[0], pybullet.WORLD_FRAME, physicsClientId=client)
            pybullet.applyExternalTorque(body, -1, torque, pybullet.WORLD_FRAME, physicsClientId=client)
            pybullet.stepSimulation(physicsClientId=client)
            pose, motion = get_pose(body, physicsClientId=client), get_motion(body, physicsClientId=client)
            touched |= self._touched()
        return pose, motion, touched

    def close(self) -> None:
        """Disconnects."""
        pybullet.disconnect(physicsClientId=self._client)

    def _move_on(self, paths: Mapping[int, Path], step: int, n_steps: int) -> None:
        """Puts boxes, by their index, where they are before this one of the steps, with the speed they push with."""
        per_s = 1.0 / (n_steps * self._step_s)
        share = step / n_steps
        for index, (from_m, from_rad, to_m, to_rad) in paths.items():
            (ax, ay, az), (bx, by, _) = from_m, to_m
            turn_rad = math.remainder(to_rad - from_rad, 2.0 * math.pi)
            box = self._boxes[index]
            self._put(box, (ax + share * (bx - ax), ay + share * (by - ay), az), from_rad + share * turn_rad)
            speed_mps, turning_radps = ((bx - ax) * per_s, (by - ay) * per_s, 0.0), (0.0, 0.0, turn_rad * per_s)
            pybullet.resetBaseVelocity(box, speed_mps, turning_radps, physicsClientId=self._client)

    def _touched(self) -> set[int]:
        """Returns the indices of the boxes that the body touches."""
        points = pybullet.getContactPoints(self._body, physicsClientId=self._client)
        if not points:
            return set()
        bodies = {point[2] if point[1] == self._body else point[1] for point in points if point[8] <= _TOUCHING_M}
        return {self._boxes.index(body) for body in bodies}

    def _put(self, box: int, place_m: Vector, yaw_rad: float) -> None:
        turn = heading_quaternion(yaw_rad)
        pybullet.resetBasePositionAndOrientation(box, place_m, turn, physicsClientId=self._client)

    def _create(self, size_m: Vector, mass_kg: float, centre_m: Vector = (0.0, 0.0, 0.0)) -> int:
        shape = pybullet.createCollisionShape(
            pybullet.GEOM_BOX,
            halfExtents=[0.5 * side for side in size_m],
            collisionFramePosition=centre_m,
            physicsClientId=self._client,
        )
        body: int = pybullet.createMultiBody(mass_kg, shape, physicsClientId=self._client)
        return body


class SharedClients:
    """One client for each kind of body and boxes, as long as somebody uses it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[_Kind, BulletClient] = {}
        self._n_users: dict[_Kind, int] = {}

    def borrow(self, body: BodySpec, box_sizes_m: tuple[Vector, ...]) -> BulletClient:
        """Returns the client for such a body among such boxes.

        Raises:
            WorldError: there are too many clients.
        """
        kind = (body, box_sizes_m)
        with self._lock:
            if kind not in self._clients:
                self._clients[kind] = BulletClient(body, box_sizes_m)
                self._n_users[kind] = 0
            self._n_users[kind] += 1
            return self._clients[kind]

    def give_back(self, body: BodySpec, box_sizes_m: tuple[Vector, ...]) -> None:
        """Tells that one who has borrowed needs it no longer."""
        kind = (body, box_sizes_m)
        with self._lock:
            self._n_users[kind] -= 1
            if not self._n_users[kind]:
                self._clients.pop(kind).close()


_Kind = tuple[BodySpec, tuple[Vector, ...]]
SHARED = SharedClients()


def heading_quaternion(yaw_rad: float) -> Quaternion:
    """Returns the rotation by ``yaw_rad`` about the vertical."""
    quaternion: Quaternion = pybullet.getQuaternionFromEuler((0.0, 0.0, yaw_rad))
    return quaternion
