"""The painted ground, and the pictures for people."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deepracer_local.domain import Pose
from deepracer_local.sim import ChaseView, Scene, SceneObject, TopView
from deepracer_local.sim._car_model import SHELL
from deepracer_local.sim._scene import grey_level
from deepracer_local.sim._surface import MAX_SURFACE_BYTES, paint_surface
from deepracer_local.track import builtin_tracks_dir, find_track, from_rows, list_tracks
from tests.unit.sim.places import place
from tests.unit.track.roads import ring_rows, straight_rows

SCENE = Scene()
TRACKS = list_tracks([builtin_tracks_dir()])


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.name)
def test_the_paint_is_where_the_track_says(track: object) -> None:
    surface = paint_surface(track, SCENE, "grey")  # type: ignore[arg-type]
    ground = surface.level(0)

    def grey_at(x_m: float, y_m: float) -> int:
        row = int((y_m - surface.origin_y_m) / surface.texel_m)
        return int(ground[row, int((x_m - surface.origin_x_m) / surface.texel_m)])

    found = {"road": [], "field": [], "border": []}
    for share in np.linspace(0.05, 0.95, 40):
        x, y, yaw = track.point_at(share * track.length_m)  # type: ignore[attr-defined]
        half_m = 0.5 * track.mean_width_m  # type: ignore[attr-defined]
        for name, across_m in (("road", 0.5 * half_m), ("field", half_m + 0.03), ("border", half_m - 0.025)):
            found[name].append(grey_at(x - across_m * math.sin(yaw), y + across_m * math.cos(yaw)))
    for name, colour in (("road", SCENE.road), ("field", SCENE.field), ("border", SCENE.border)):
        assert np.median(found[name]) == pytest.approx(grey_level(colour), abs=1)


def test_each_level_is_the_mean_of_four() -> None:
    surface = paint_surface(TRACKS[0], SCENE, "grey")

    for k in range(2):
        fine, coarse = surface.level(k).astype(float), surface.level(k + 1).astype(float)
        blocks = fine.reshape(coarse.shape[0], 2, coarse.shape[1], 2).mean(axis=(1, 3))
        assert np.abs(blocks - coarse).max() <= 1.0


def test_a_large_track_keeps_within_the_memory_bound() -> None:
    track = from_rows(ring_rows(800, radius_m=45.0, width_m=1.0), name="large")

    assert paint_surface(track, SCENE, "rgb").texels.nbytes < 1.1 * MAX_SURFACE_BYTES


def test_dashes_fill_a_loop_without_a_seam() -> None:
    track = from_rows(ring_rows(400, radius_m=3.0), name="ring")
    surface = paint_surface(track, SCENE, "grey")
    ground = surface.level(0)
    angles = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    rows = ((3.0 * np.sin(angles) - surface.origin_y_m) / surface.texel_m).astype(int)
    columns = ((3.0 * np.cos(angles) - surface.origin_x_m) / surface.texel_m).astype(int)

    is_dash = ground[rows, columns] > (grey_level(SCENE.road) + grey_level(SCENE.centre_line)) / 2
    n_dashes = int(np.sum(is_dash & ~np.roll(is_dash, 1)))

    assert n_dashes == round(track.length_m / (SCENE.dash_m + SCENE.gap_m))
    assert is_dash.mean() == pytest.approx(SCENE.dash_m / (SCENE.dash_m + SCENE.gap_m), abs=0.03)


TRACK = find_track("reinvent_2018", [builtin_tracks_dir()])


def shell_pixels(picture: np.ndarray) -> np.ndarray:
    """Returns (row, column) of every pixel in the shell's hue, whatever its light."""
    red, green, blue = (picture[:, :, i].astype(float) for i in range(3))
    share = SHELL[1] / SHELL[0]
    is_shell = (red > 90) & (np.abs(green / np.maximum(red, 1) - share) < 0.08) & (blue < 0.35 * red)
    return np.argwhere(is_shell)


def test_the_chase_view_has_the_car_in_the_middle() -> None:
    view = ChaseView(TRACK, width_px=320, height_px=180)

    picture = view.frame(place(TRACK.start_pose(0.3)))

    assert picture.shape == (180, 320, 3)
    assert picture.dtype == np.uint8
    found = shell_pixels(picture)
    assert len(found) > 100
    assert abs(found[:, 1].mean() - 160) < 8


def test_the_chase_view_shows_objects() -> None:
    view = ChaseView(TRACK, width_px=320, height_px=180)
    start = TRACK.start_pose(0.0)
    ahead = Pose(start.x_m + 1.2 * math.cos(start.yaw_rad), start.y_m + 1.2 * math.sin(start.yaw_rad), 0.0)

    with_box = view.frame(place(start), [SceneObject(ahead, 0.3, 0.3, 0.3, (30, 60, 220))])

    is_blue = (with_box[:, :, 2] > 90) & (with_box[:, :, 0] < 60) & (with_box[:, :, 1] < 100)
    assert is_blue.sum() > 100
    assert not np.array_equal(with_box, view.frame(place(start)))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75])
def test_the_map_has_the_car_where_it_is_with_north_up(share: float) -> None:
    view = TopView(TRACK, width_px=400, height_px=300)
    pose = TRACK.start_pose(share)

    found = shell_pixels(view.frame(place(pose))).mean(axis=0)

    low = np.minimum(TRACK.outer_m.min(axis=0), TRACK.inner_m.min(axis=0))
    high = np.maximum(TRACK.outer_m.max(axis=0), TRACK.inner_m.max(axis=0))
    middle = (low + high) / 2
    # East is right of the middle, north above it.
    assert (found[1] - 200) * (pose.x_m - middle[0]) >= -20
    assert (150 - found[0]) * (pose.y_m - middle[1]) > 0


def test_views_give_the_same_picture_again_in_memory_of_its_own() -> None:
    state = place(TRACK.start_pose(0.1))
    for view in (ChaseView(TRACK, width_px=160, height_px=90), TopView(TRACK, width_px=160, height_px=90)):
        one, other = view.frame(state), view.frame(state)
        assert np.array_equal(one, other)
        assert not np.shares_memory(one, other)


def test_an_open_track_can_be_painted() -> None:
    track = from_rows(straight_rows(), name="straight")

    assert paint_surface(track, SCENE, "rgb").level(0).std() > 10
