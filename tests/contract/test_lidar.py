"""The lidar against PyBullet's rays on the same boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pybullet
import pytest

from deepracer_local.domain import FloatArray, LidarSpec, Pose, VehicleState
from deepracer_local.sim import Lidar, SceneObject
from tests.unit.sim.places import place

SPEC = LidarSpec()


@pytest.fixture
def world() -> Iterator[int]:
    client = pybullet.connect(pybullet.DIRECT)
    yield client
    pybullet.disconnect(client)


def random_boxes(random: np.random.Generator, n: int) -> list[SceneObject]:
    """Returns boxes around the origin, of which none encloses it."""
    boxes = []
    for _ in range(n):
        distance_m, bearing_rad, yaw_rad = random.uniform(0.7, 3.0), *random.uniform(-math.pi, math.pi, 2)
        length_m, width_m, height_m = random.uniform([0.1, 0.1, 0.15], [0.8, 0.6, 0.6])
        centre = Pose(distance_m * math.cos(bearing_rad), distance_m * math.sin(bearing_rad), yaw_rad)
        boxes.append(SceneObject(centre, length_m, width_m, height_m, (0, 0, 0)))
    return boxes


def bullet_ranges(client: int, state: VehicleState, boxes: list[SceneObject]) -> FloatArray:
    for box in boxes:
        half = [0.5 * box.length_m, 0.5 * box.width_m, 0.5 * box.height_m]
        shape = pybullet.createCollisionShape(pybullet.GEOM_BOX, halfExtents=half, physicsClientId=client)
        turn = pybullet.getQuaternionFromEuler((0.0, 0.0, box.pose.yaw_rad))
        centre = (box.pose.x_m, box.pose.y_m, half[2])
        pybullet.createMultiBody(0.0, shape, -1, centre, turn, physicsClientId=client)
    turn = pybullet.getQuaternionFromEuler((state.roll_rad, state.pitch_rad, state.yaw_rad))
    rotation = np.reshape(pybullet.getMatrixFromQuaternion(turn), (3, 3))
    eye = np.array([state.x_m, state.y_m, state.z_m]) + rotation @ [SPEC.offset_x_m, 0.0, SPEC.offset_z_m]
    angles = Lidar().angles_rad
    directions = (rotation @ np.array([np.cos(angles), np.sin(angles), np.zeros(64)])).T
    ends = eye + SPEC.max_range_m * directions
    hits = pybullet.rayTestBatch([eye.tolist()] * 64, ends.tolist(), physicsClientId=client)
    return np.array([SPEC.max_range_m * hit[2] for hit in hits])


@pytest.mark.parametrize("seed", range(8))
def test_every_beam_is_as_long_as_pybullets(world: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    boxes = random_boxes(random, 10)
    state = place(
        Pose(0.0, 0.0, random.uniform(-3, 3)),
        z_m=random.uniform(0, 0.02),
        roll_rad=random.uniform(-0.1, 0.1),
        pitch_rad=random.uniform(-0.1, 0.1),
    )

    ours, theirs = Lidar(SPEC).ranges(state, boxes), bullet_ranges(world, state, boxes)

    # PyBullet computes rays in single precision; a beam that grazes an edge may end on either side of it.
    differences = np.abs(ours - np.maximum(theirs, SPEC.min_range_m))
    assert (ours < SPEC.max_range_m).sum() > 5
    assert np.sort(differences)[:-1].max() < 2e-3
