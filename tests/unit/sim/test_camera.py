"""The fast camera: closed forms, PyBullet's renderer on the same poses, and the supersampled truth."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from deepracer_local.domain import CameraSpec, FloatArray, ImageArray, Pose, VehicleState
from deepracer_local.sim import GroundCamera, ReferenceCamera, Scene
from deepracer_local.sim._camera import focal_length_px, view_from
from deepracer_local.sim._scene import grey_level
from deepracer_local.sim._surface import paint_surface
from deepracer_local.track import Track, builtin_tracks_dir, find_track, from_rows
from tests.unit.sim.places import place
from tests.unit.track.roads import straight_rows

SPEC = CameraSpec()
N_POSES = 16


def track_named(name: str) -> Track:
    return find_track(name, [builtin_tracks_dir()])


def poses_on(track: Track, *, leaning: bool) -> list[VehicleState]:
    """Returns cars all along the road: beside the line, turned, and where asked rolled, pitched and heaved."""
    rng = np.random.default_rng(3)
    states = []
    for i in range(N_POSES):
        x, y, yaw = track.start_pose(i / N_POSES)
        dx, dy, turn = rng.uniform([-0.3, -0.3, -0.5], [0.3, 0.3, 0.5])
        lean = {"z_m": 0.004, "roll_rad": rng.uniform(-0.05, 0.05), "pitch_rad": rng.uniform(-0.05, 0.05)}
        states.append(place(Pose(x + dx, y + dy, yaw + turn), **(lean if leaning else {})))
    return states


@pytest.fixture(params=["reinvent_2018", "serpent"], scope="module")
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Track, ReferenceCamera]]:
    track = track_named(request.param)
    reference = ReferenceCamera(track, SPEC)
    yield track, reference
    reference.close()


def difference(one: ImageArray, other: ImageArray, rows: slice = slice(None)) -> float:
    """Returns the mean absolute difference in grey levels of 255."""
    return float(np.abs(one[rows].astype(float) - other[rows].astype(float)).mean())


@pytest.mark.parametrize("leaning", [False, True], ids=["level", "leaning"])
def test_it_shows_what_pybullet_shows(pair: tuple[Track, ReferenceCamera], *, leaning: bool) -> None:
    track, reference = pair
    # TinyRenderer samples half a pixel to the left of and below the middle.
    fast = GroundCamera(track, SPEC, pixel_centre=(0.0, 1.0))

    differences, near = [], []
    for state in poses_on(track, leaning=leaning):
        ours, theirs = fast.frame(state), reference.frame(state)
        differences.append(difference(ours, theirs))
        near.append(difference(ours, theirs, slice(60, None)))

    assert np.mean(differences) < 2.0
    assert max(differences) < 2.0
    assert np.mean(near) < 0.7


def truth(track: Track, state: VehicleState, samples: int) -> FloatArray:
    """Returns the picture with ``samples`` x ``samples`` rays per pixel, each looked up in the finest painting."""
    surface = paint_surface(track, Scene(), "grey")
    ground = surface.level(0)
    eye, axes = view_from(state, SPEC)
    at = (np.arange(160 * samples) + 0.5) / samples - 80.0, (np.arange(120 * samples) + 0.5) / samples - 60.0
    across, down = np.meshgrid(at[0] / focal_length_px(SPEC), at[1] / focal_length_px(SPEC))
    rays = axes[0] + across[..., None] * axes[1] + down[..., None] * axes[2]
    falls = rays[..., 2] < -1e-4
    reach = np.where(falls, -eye[2] / np.where(falls, rays[..., 2], -1.0), 0.0)
    columns = (eye[0] + reach * rays[..., 0] - surface.origin_x_m) / surface.texel_m
    rows = (eye[1] + reach * rays[..., 1] - surface.origin_y_m) / surface.texel_m
    inside = (columns >= 0) & (columns < ground.shape[1]) & (rows >= 0) & (rows < ground.shape[0])
    field = round(grey_level(Scene().field))
    found = np.where(
        inside, ground[np.where(inside, rows, 0).astype(int), np.where(inside, columns, 0).astype(int)], field
    )
    found = np.where(falls, found, round(grey_level(Scene().sky)))
    pixels: FloatArray = found.reshape(120, samples, 160, samples).mean(axis=(1, 3))
    return pixels


def test_it_is_nearer_to_the_truth_than_pybullet_is(pair: tuple[Track, ReferenceCamera]) -> None:
    track, reference = pair
    fast = GroundCamera(track, SPEC)

    ours, theirs = [], []
    for state in poses_on(track, leaning=False)[::4]:
        expected = truth(track, state, samples=8)
        ours.append(np.abs(fast.frame(state) - expected).mean())
        theirs.append(np.abs(reference.frame(state) - expected).mean())

    assert np.mean(ours) < 2.0
    assert np.mean(ours) < 0.7 * np.mean(theirs)


def test_a_point_of_the_ground_is_seen_where_geometry_says() -> None:
    state = place(Pose(1.0, 2.0, 0.7))
    eye, axes = view_from(state, SPEC)
    point = np.array([1.0 + 1.5 * math.cos(0.7), 2.0 + 1.5 * math.sin(0.7), 0.0])

    forward, right, down = axes @ (point - eye)

    # By hand: the camera is 0.14529 m ahead, 0.13033 m up and looks 15 degrees down.
    ahead_m, below_m, pitch = 1.5 - 0.14529, 0.13033, 0.2618
    assert right == pytest.approx(0.0, abs=1e-12)
    assert forward == pytest.approx(ahead_m * math.cos(pitch) + below_m * math.sin(pitch))
    assert down == pytest.approx(below_m * math.cos(pitch) - ahead_m * math.sin(pitch))


def test_the_lens_spans_its_field_of_view() -> None:
    focal_px = focal_length_px(SPEC)

    assert 2 * math.degrees(math.atan(80 / focal_px)) == pytest.approx(64.74, abs=0.01)
    assert 2 * math.degrees(math.atan(60 / focal_px)) == pytest.approx(50.9, abs=0.1)


def test_the_horizon_lies_where_the_pitch_puts_it() -> None:
    track = track_named("reinvent_2018")
    column = GroundCamera(track, SPEC).frame(place(track.start_pose(0.0)))[:, 0]

    first_ground_row = int(np.argmax(column != column[0]))

    assert first_ground_row == pytest.approx(60 - focal_length_px(SPEC) * math.tan(SPEC.pitch_down_rad), abs=1.0)


def test_a_straight_road_looks_the_same_to_both_sides() -> None:
    track = from_rows(straight_rows(60, length_m=12.0), name="straight")
    frame = GroundCamera(track, SPEC).frame(place(Pose(2.0, 0.0, 0.0)))

    assert difference(frame, frame[:, ::-1]) < 1.0


def test_a_rolled_car_sees_a_tilted_horizon() -> None:
    track = track_named("reinvent_2018")
    start = track.start_pose(0.0)
    frame = GroundCamera(track, SPEC).frame(place(start, roll_rad=0.1))

    left, right = (int(np.argmax(frame[:, c] != frame[0, 80])) for c in (0, 159))

    # A roll to the right (positive about the forward axis lowers the right side) lifts the right end of the horizon.
    assert abs(left - right) == pytest.approx(160 * math.tan(0.1), abs=3)
    assert right < left
