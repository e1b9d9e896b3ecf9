"""What every camera must do: the fast one, PyBullet's, and a fake."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from deepracer_local.domain import CAMERA_PROFILES, CameraSpec, ImageArray, Pose, VehicleState
from deepracer_local.sim import Camera, GroundCamera, ReferenceCamera, SceneObject
from deepracer_local.track import builtin_tracks_dir, find_track
from tests.unit.sim.places import place

TRACK = find_track("reinvent_2018", [builtin_tracks_dir()])


@dataclass(frozen=True)
class ConstantCamera:
    """A fake that always sees the same grey."""

    spec: CameraSpec = CameraSpec()  # noqa: RUF009  # frozen

    def frame(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> ImageArray:
        del state, objects
        return np.full((self.spec.height_px, self.spec.width_px), 128, np.uint8)


@pytest.fixture(params=["fast", "reference", "fake"], scope="module")
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    if request.param == "fake":
        yield ConstantCamera()
    elif request.param == "fast":
        yield GroundCamera(TRACK, CameraSpec())
    else:
        made = ReferenceCamera(TRACK, CameraSpec())
        yield made
        made.close()


@pytest.fixture(params=["fast", "reference"], scope="module")
def seeing(request: pytest.FixtureRequest) -> Iterator[Camera]:
    if request.param == "fast":
        yield GroundCamera(TRACK, CameraSpec())
    else:
        made = ReferenceCamera(TRACK, CameraSpec())
        yield made
        made.close()


START = place(TRACK.start_pose(0.0))


def test_a_frame_is_a_grey_picture_of_the_specified_size(camera: Camera) -> None:
    frame = camera.frame(START)

    assert frame.shape == (camera.spec.height_px, camera.spec.width_px) == (120, 160)
    assert frame.dtype == np.uint8


def test_the_same_pose_gives_the_same_picture_in_memory_of_its_own(camera: Camera) -> None:
    one, other = camera.frame(START), camera.frame(START)

    assert np.array_equal(one, other)
    assert not np.shares_memory(one, other)


def test_another_pose_gives_another_picture(seeing: Camera) -> None:
    turned = place(Pose(START.x_m, START.y_m, START.yaw_rad + 0.2))

    assert not np.array_equal(seeing.frame(START), seeing.frame(turned))


def test_a_box_is_seen_where_it_stands_and_nowhere_else(seeing: Camera) -> None:
    spec = seeing.spec
    ahead_m, half_m, height_m = 1.2, 0.1, 0.2
    cosine, sine = math.cos(START.yaw_rad), math.sin(START.yaw_rad)
    centre = Pose(START.x_m + cosine * ahead_m, START.y_m + sine * ahead_m, START.yaw_rad)
    box = SceneObject(centre, 2 * half_m, 2 * half_m, height_m, (20, 20, 20))

    changed = seeing.frame(START) != seeing.frame(START, [box])

    focal_px = 80.0 / math.tan(0.5 * spec.horizontal_fov_rad)
    near_m = ahead_m - half_m - spec.offset_x_m
    pitch = spec.pitch_down_rad
    rows = []
    for z in (0.0, height_m):
        below = spec.offset_z_m - z
        depth = near_m * math.cos(pitch) + below * math.sin(pitch)
        rows.append(60 + focal_px * (below * math.cos(pitch) - near_m * math.sin(pitch)) / depth)
    assert changed.any()
    found_rows, found_columns = np.nonzero(changed)
    assert found_rows.max() <= rows[0] + 1.5
    assert found_rows.min() == pytest.approx(rows[1], abs=2.0)
    assert abs(found_columns.mean() - 79.5) < 2.0


def test_a_box_behind_the_camera_is_not_seen(seeing: Camera) -> None:
    behind = Pose(START.x_m - 1.0 * math.cos(START.yaw_rad), START.y_m - math.sin(START.yaw_rad), START.yaw_rad)

    frame = seeing.frame(START, [SceneObject(behind, 0.3, 0.3, 0.3, (200, 0, 0))])

    assert np.array_equal(frame, seeing.frame(START))


def test_the_nearer_box_hides_the_farther_one(seeing: Camera) -> None:
    def box(ahead_m: float, colour: tuple[int, int, int]) -> SceneObject:
        x = START.x_m + ahead_m * math.cos(START.yaw_rad)
        y = START.y_m + ahead_m * math.sin(START.yaw_rad)
        return SceneObject(Pose(x, y, START.yaw_rad), 0.2, 0.2, 0.2, colour)

    near, far = box(0.8, (255, 255, 255)), box(1.6, (0, 0, 0))
    alone = seeing.frame(START, [near])

    covered = seeing.frame(START) != alone
    for both in ([near, far], [far, near]):
        assert np.array_equal(seeing.frame(START, both)[covered], alone[covered])


@pytest.mark.parametrize("profile", CAMERA_PROFILES)
def test_every_lens_profile_works(profile: str) -> None:
    camera = GroundCamera(TRACK, {**CAMERA_PROFILES}[profile])  # type: ignore[index]

    assert camera.frame(START).std() > 10
