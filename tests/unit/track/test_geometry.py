"""Laws of the geometry, on every built-in track and on a circle with known answers."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.track import Track, builtin_tracks_dir, from_rows, list_tracks
from tests.unit.track.roads import ring_rows, straight_rows

TRACKS = list_tracks([builtin_tracks_dir()])
LOOPS = [track for track in TRACKS if track.is_closed]
NO_WHEELS = (0.0,) * 8
SHARE = st.floats(0.0, 1.0, exclude_max=True)
laws = settings(max_examples=30, deadline=None, derandomize=True)


def name_of(track: Track) -> str:
    return track.name


def beside(track: Track, s_m: float, offset_m: float) -> tuple[float, float]:
    x, y, yaw = track.point_at(s_m)
    return x - offset_m * math.sin(yaw), y + offset_m * math.cos(yaw)


@pytest.mark.parametrize("track", TRACKS, ids=name_of)
@given(share=SHARE, side=st.floats(-0.6, 0.6))
@laws
def test_a_point_beside_the_line_projects_back(track: Track, share: float, side: float) -> None:
    offset_m = side * 0.5 * min(track.mean_width_m, track.min_radius_m)
    x, y = beside(track, share * track.length_m, offset_m)

    found = track.locate(x, y, NO_WHEELS)

    # The line has corners: a point inside one is nearer to the neighbouring chord.
    assert abs(found.offset_m - offset_m) < 0.02
    gap_m = abs(found.s_m - share * track.length_m)
    assert min(gap_m, track.length_m - gap_m) < 0.12
    assert math.hypot(x - found.projection_x_m, y - found.projection_y_m) == pytest.approx(
        found.distance_from_center_m, abs=1e-9
    )


@pytest.mark.parametrize("track", LOOPS, ids=name_of)
def test_arc_length_is_continuous_and_wraps_once_a_lap(track: Track) -> None:
    n = 2000
    places = [track.locate(*beside(track, i / n * track.length_m, 0.05), NO_WHEELS).s_m for i in range(n + 1)]

    steps = np.diff(places)
    wraps = np.flatnonzero(steps < -track.length_m / 2)
    assert len(wraps) == 1
    steps[wraps] += track.length_m
    assert steps.min() > -0.05
    assert steps.max() < 0.15


@pytest.mark.parametrize("track", TRACKS, ids=name_of)
def test_locate_agrees_with_an_independent_geometry_library(track: Track) -> None:
    rng = np.random.default_rng(7)
    low, high = track.outer_m.min(axis=0) - 0.5, track.outer_m.max(axis=0) + 0.5
    closing = (lambda ring: np.vstack([ring, ring[:1]])) if track.is_closed else (lambda ring: ring)
    centre, inner, outer = (
        shapely.LineString(closing(ring)) for ring in (track.centre_m, track.inner_m, track.outer_m)
    )
    if track.is_closed:
        road = shapely.Polygon(outer).symmetric_difference(shapely.Polygon(inner))
    else:
        road = shapely.Polygon(np.vstack([track.inner_m, track.outer_m[::-1]]))

    for _ in range(200):
        x, y = rng.uniform(low, high)
        wheels = np.array([x, y]) + rng.uniform(-0.3, 0.3, (4, 2))
        found = track.locate(x, y, tuple(wheels.ravel().tolist()))

        point = shapely.Point(x, y)
        assert found.distance_from_center_m == pytest.approx(centre.distance(point), abs=1e-9)
        projection = shapely.Point(found.projection_x_m, found.projection_y_m)
        assert centre.distance(projection) < 1e-9
        assert found.wheels_on_track == sum(road.contains(shapely.Point(wheel)) for wheel in wheels)
        nearest = [shapely.ops.nearest_points(border, projection)[0] for border in (inner, outer)]
        assert found.track_width_m == pytest.approx(nearest[0].distance(nearest[1]), abs=1e-6)
        is_nearer_inside = nearest[0].distance(point) < nearest[1].distance(point)
        assert found.is_left_of_center == (is_nearer_inside if track.is_ccw else not is_nearer_inside)


@pytest.mark.parametrize("track", LOOPS, ids=name_of)
@given(share=SHARE)
@laws
def test_neighbouring_waypoints_are_found_along_the_arc(track: Track, share: float) -> None:
    found = track.locate(*beside(track, share * track.length_m, 0.03), NO_WHEELS)

    ndists = [*(track.s_m / track.length_m), 1.0]
    following = bisect_right(ndists, found.ndist)
    expected = ((following - 1) % len(ndists), following % len(ndists))
    assert (found.prev_index, found.next_index) == expected
    assert found.nearest_index in expected


@pytest.mark.parametrize("track", TRACKS, ids=name_of)
def test_reversing_twice_gives_the_same_road(track: Track) -> None:
    back = track.reversed()
    again = back.reversed()

    assert back.length_m == pytest.approx(track.length_m)
    assert back.is_ccw is not track.is_ccw
    assert np.array_equal(again.centre_m, track.centre_m)
    assert np.array_equal(again.outer_m, track.outer_m)
    if track.is_closed:
        assert np.array_equal(back.centre_m[0], track.centre_m[0])
        s_m = 0.3 * track.length_m
        there, here = back.point_at(track.length_m - s_m), track.point_at(s_m)
        assert there[:2] == pytest.approx(here[:2])
        assert math.cos(there[2] - here[2]) < -0.9


@pytest.mark.parametrize("track", TRACKS, ids=name_of)
def test_rows_give_the_track_back(track: Track) -> None:
    again = from_rows(track.to_rows(), name=track.name)

    for one, other in (
        (again.centre_m, track.centre_m),
        (again.inner_m, track.inner_m),
        (again.outer_m, track.outer_m),
    ):
        assert np.array_equal(one, other)
    assert again.is_closed is track.is_closed


def test_a_circle_has_the_length_and_width_of_a_circle() -> None:
    track = from_rows(ring_rows(400, radius_m=3.0, width_m=0.8), name="ring")

    assert track.length_m == pytest.approx(2 * math.pi * 3.0, rel=1e-4)
    assert track.mean_width_m == pytest.approx(0.8, abs=1e-3)
    assert track.min_radius_m == pytest.approx(3.0, rel=1e-3)
    assert track.direction == "counter-clockwise"
    assert track.waypoints[0] == track.waypoints[-1]


def test_a_wheel_exactly_on_the_border_is_outside() -> None:
    track = from_rows(straight_rows(width_m=0.6), name="straight")

    found = track.locate(2.0, 0.0, (2.0, 0.3, 2.0, -0.3, 2.0, 0.2999, 2.0, 0.0))

    assert found.wheels_on_track == 2


def test_an_open_track_does_not_wrap() -> None:
    track = from_rows(straight_rows(length_m=5.0), name="straight")

    before, after = track.locate(-1.0, 0.1, NO_WHEELS), track.locate(7.0, 0.1, NO_WHEELS)

    assert (before.ndist, after.ndist) == (0.0, 1.0)
    assert (before.prev_index, before.next_index) == (0, 1)
    assert (after.prev_index, after.next_index) == (len(track.waypoints) - 2, len(track.waypoints) - 1)
    assert track.direction == "open"
    assert track.point_at(99.0)[:2] == pytest.approx((5.0, 0.0))
