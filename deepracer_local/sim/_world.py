"""The world of one car: a rigid body without a ground under it, and boxes that stand still."""

from __future__ import annotations

from deepracer_local.domain import FloatArray, Pose
from deepracer_local.errors import WorldError
from deepracer_local.sim._bullet import FAR_AWAY, REST, SHARED, BodySpec, BulletClient, Wrench, heading_quaternion
from deepracer_local.sim._tyre_kernels import BodyMotion, BodyPose


class RigidBodyWorld:
    """One body under gravity, stepped by count.

    Law: after ``place`` and after every ``advance`` the future depends on ``pose``, ``motion`` and boxes alone, bit
    for bit. This is what lets worlds without boxes share a PyBullet client; the first box brings one of its own.

    Attributes:
        steps: how often the world was stepped.
        pose: position and quaternion of the centre of mass.
        motion: velocity of the centre of mass and angular velocity, world frame.
    """

    def __init__(self, body: BodySpec) -> None:
        self.steps = 0
        self.pose: BodyPose = FAR_AWAY
        self.motion: BodyMotion = REST
        self._body = body
        self._client: BulletClient | None = SHARED.borrow(body)
        self._is_shared = True
        self._boxes: set[int] = set()
        self._has_contact_points = False

    def place(self, pose: BodyPose, motion: BodyMotion = REST) -> None:
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
        client = self._open_client()
        with client.lock:
            if self._has_contact_points:
                client.drop_contacts()
            # Bullet's own pose differs in the last bits from the one that it tells: it is told what it told.
            client.place(self.pose, self.motion)
            self.pose, self.motion = client.advance(n_steps, wrench, actuator, wheels, constants)
        self.steps += n_steps

    def is_touching(self) -> bool:
        """Returns whether the body touched a box in the last step."""
        if not self._boxes:
            self._has_contact_points = False
            return False
        self._has_contact_points, is_touching = self._open_client().contacts()
        return is_touching

    def add_box(self, pose: Pose, *, length_m: float, width_m: float, height_m: float) -> int:
        """Stands a box on the ground that nothing moves, centred at ``pose``; returns its number.

        Raises:
            WorldError: the world was closed, or there are too many PyBullet clients.
        """
        client = self._open_client()
        if self._is_shared:
            client = BulletClient(self._body)
            SHARED.give_back(self._body)
            self._client, self._is_shared = client, False
        place = (pose.x_m, pose.y_m, 0.5 * height_m)
        box = client.add_box((length_m, width_m, height_m), place, heading_quaternion(pose.yaw_rad))
        self._boxes.add(box)
        return box

    def remove_box(self, box: int) -> None:
        """Takes a box away again.

        Raises:
            KeyError: there is no such box.
        """
        self._boxes.remove(box)
        self._open_client().remove_box(box)

    def close(self) -> None:
        """Disconnects; a second call does nothing."""
        client, self._client = self._client, None
        if client is None:
            return
        if self._is_shared:
            SHARED.give_back(self._body)
        else:
            client.close()

    def _open_client(self) -> BulletClient:
        if self._client is None:
            raise WorldError("Expected an open simulator, got a closed one; make a new one to go on driving.")
        return self._client
