"""The PyBullet world: one rigid body without a ground under it, and boxes that stand still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deepracer_local.domain import GRAVITY_MPS2, FloatArray, Pose
from deepracer_local.errors import WorldError
from deepracer_local.sim._engine import pybullet
from deepracer_local.sim._tyre_kernels import BodyMotion, BodyPose, Quaternion, Vector

Wrench = Callable[[BodyPose, BodyMotion, FloatArray, FloatArray, FloatArray], tuple[Vector, Vector]]

_REST: BodyMotion = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
_FAR_AWAY: BodyPose = ((0.0, 0.0, 1e4), (0.0, 0.0, 0.0, 1.0))
# Bullet keeps contact points that are still, or again, up to 20 mm apart.
_TOUCHING_M = 1e-3


@dataclass(frozen=True, slots=True)
class BodySpec:
    """A rigid box; positions are from its centre of mass, in its own frame."""

    mass_kg: float
    inertia_kgm2: Vector
    """About the x, y and z axis through the centre of mass."""
    size_m: Vector
    """Length, width and height of the collision box."""
    box_centre_m: Vector


class RigidBodyWorld:
    """One body under gravity, in a PyBullet client of its own, stepped by count.

    Law: after ``place`` and after every ``advance`` the future depends on ``pose``, ``motion`` and boxes alone, bit
    for bit.

    Attributes:
        steps: how often the world was stepped.
        pose: position and quaternion of the centre of mass.
        motion: velocity of the centre of mass and angular velocity, world frame.
    """

    def __init__(self, body: BodySpec, *, time_step_s: float) -> None:
        self._client = pybullet.connect(pybullet.DIRECT)
        if self._client < 0:
            raise WorldError("Expected a free PyBullet client, got none; close simulators that are no longer needed.")
        self.steps = 0
        self.pose: BodyPose = _FAR_AWAY
        self.motion: BodyMotion = _REST
        self._boxes: set[int] = set()
        self._has_contact_points = False
        client = self._client
        pybullet.setGravity(0.0, 0.0, -GRAVITY_MPS2, physicsClientId=client)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=time_step_s,
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

    def place(self, pose: BodyPose, motion: BodyMotion = _REST) -> None:
        """Puts the body somewhere, as if it had never been anywhere else."""
        self.pose, self.motion = pose, motion
        self._has_contact_points = bool(self._boxes)

    def advance(
        self, n_steps: int, wrench: Wrench, actuator: FloatArray, wheels: FloatArray, constants: FloatArray
    ) -> None:
        """Steps the world ``n_steps`` times, each under the force and torque that ``wrench`` asks for.

        Raises:
            WorldError: the world was closed.
        """
        if self._client < 0:
            raise WorldError("Expected an open simulator, got a closed one; make a new one to go on driving.")
        body, client = self._body, self._client
        get_pose, get_motion = pybullet.getBasePositionAndOrientation, pybullet.getBaseVelocity
        push, turn, step = pybullet.applyExternalForce, pybullet.applyExternalTorque, pybullet.stepSimulation
        frame = pybullet.WORLD_FRAME
        self._forget()
        for _ in range(n_steps):
            pose = get_pose(body, physicsClientId=client)
            force, torque = wrench(pose, get_motion(body, physicsClientId=client), actuator, wheels, constants)
            push(body, -1, force, pose[0], frame, physicsClientId=client)
            turn(body, -1, torque, frame, physicsClientId=client)
            step(physicsClientId=client)
        self.steps += n_steps
        self.pose = get_pose(body, physicsClientId=client)
        self.motion = get_motion(body, physicsClientId=client)

    def is_touching(self) -> bool:
        """Returns whether the body touched a box in the last step."""
        points = pybullet.getContactPoints(self._body, physicsClientId=self._client) if self._boxes else ()
        self._has_contact_points = bool(points)
        return any(point[8] <= _TOUCHING_M for point in points)

    def add_box(self, pose: Pose, *, length_m: float, width_m: float, height_m: float) -> int:
        """Stands a box on the ground that nothing moves, centred at ``pose``; returns its number."""
        box = self._create((length_m, width_m, height_m), 0.0)
        place = (pose.x_m, pose.y_m, 0.5 * height_m)
        turn = heading_quaternion(pose.yaw_rad)
        pybullet.resetBasePositionAndOrientation(box, place, turn, physicsClientId=self._client)
        self._boxes.add(box)
        return box

    def remove_box(self, box: int) -> None:
        """Takes a box away again.

        Raises:
            KeyError: there is no such box.
        """
        self._boxes.remove(box)
        pybullet.removeBody(box, physicsClientId=self._client)

    def close(self) -> None:
        """Disconnects; a second call does nothing."""
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            # PyBullet hands the number out again: a late call must not reach somebody else's world.
            self._client = -1

    def _forget(self) -> None:
        """Puts the body where it is, so that nothing of its past is left in Bullet.

        Bullet's own pose differs from the one it tells in the last bits, and it keeps contact points from step to step.
        """
        if self._has_contact_points:
            self._move(_FAR_AWAY, _REST)
            # Parts the pairs of body and box, and with them drops their contact points.
            pybullet.performCollisionDetection(physicsClientId=self._client)
        self._move(self.pose, self.motion)

    def _create(self, size_m: Vector, mass_kg: float, centre_m: Vector = (0.0, 0.0, 0.0)) -> int:
        shape = pybullet.createCollisionShape(
            pybullet.GEOM_BOX,
            halfExtents=[0.5 * side for side in size_m],
            collisionFramePosition=centre_m,
            physicsClientId=self._client,
        )
        body: int = pybullet.createMultiBody(mass_kg, shape, physicsClientId=self._client)
        return body

    def _move(self, pose: BodyPose, motion: BodyMotion) -> None:
        position, quaternion = pose
        pybullet.resetBasePositionAndOrientation(self._body, position, quaternion, physicsClientId=self._client)
        pybullet.resetBaseVelocity(self._body, *motion, physicsClientId=self._client)


def heading_quaternion(yaw_rad: float) -> Quaternion:
    """Returns the rotation by ``yaw_rad`` about the vertical."""
    quaternion: Quaternion = pybullet.getQuaternionFromEuler((0.0, 0.0, yaw_rad))
    return quaternion
