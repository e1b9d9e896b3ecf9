"""The shipped tracks: complete, as published where they claim it, and drivable both ways."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deepracer_local.track import Track, builtin_tracks_dir, list_tracks

TRACKS = list_tracks([builtin_tracks_dir()])
BY_NAME = {track.name: track for track in TRACKS}

WHEELBASE_M, HALF_TRACK_M, MAX_STEERING_RAD = 0.164, 0.08, math.radians(30)


def test_there_are_enough_and_of_every_kind() -> None:
    assert len(TRACKS) >= 12
    assert max(track.length_m for track in TRACKS) > 60
    assert max(track.mean_width_m for track in TRACKS) >= 1.2
    assert min(track.mean_width_m for track in TRACKS) <= 0.55
    assert any(not track.is_closed and math.isinf(track.min_radius_m) for track in TRACKS)
    assert {"oval", "reinvent_2018"} <= BY_NAME.keys()


def test_reinvent_2018_has_the_published_dimensions() -> None:
    track = BY_NAME["reinvent_2018"]

    assert track.length_m == pytest.approx(17.7, abs=0.05)
    assert track.mean_width_m == pytest.approx(0.76, abs=0.002)
    assert track.min_radius_m == pytest.approx(0.62, abs=0.02)
    assert track.direction == "counter-clockwise"


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.name)
def test_author_and_licence_are_named(track: Track) -> None:
    assert track.author
    assert track.title
    assert track.description
    assert track.licence == "Apache-2.0"


@pytest.mark.parametrize("is_reversed", [False, True], ids=["forward", "reversed"])
@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.name)
def test_a_pure_pursuit_driver_stays_on_the_road_at_1_mps(track: Track, *, is_reversed: bool) -> None:
    """Source of the steering law: Coulter 1992, delta = atan(2 L sin(alpha) / distance)."""
    road = track.reversed() if is_reversed else track
    x, y, yaw = road.start_pose(0.0)
    driven_m, step_m = 0.0, 1.0 / 15.0
    lap_m = road.length_m * (1.0 if road.is_closed else 0.97)
    on_road = []
    while driven_m < lap_m:
        found = road.locate(x, y, wheels(x, y, yaw))
        if driven_m > 0.3:  # an open road begins under the rear axle
            on_road.append(found.wheels_on_track)
        target_x, target_y, _ = road.point_at(found.s_m + 0.45)
        alpha = math.atan2(target_y - y, target_x - x) - yaw
        steering = math.atan(2 * WHEELBASE_M * math.sin(alpha) / math.hypot(target_x - x, target_y - y))
        steering = float(np.clip(steering, -MAX_STEERING_RAD, MAX_STEERING_RAD))
        x, y = x + step_m * math.cos(yaw), y + step_m * math.sin(yaw)
        yaw += step_m * math.tan(steering) / WHEELBASE_M
        driven_m += step_m

    assert min(on_road) == 4


def wheels(x: float, y: float, yaw: float) -> tuple[float, ...]:
    """Returns the wheel centres of a car whose rear axle is at x, y."""
    points: list[float] = []
    for along in (0.0, WHEELBASE_M):
        for across in (HALF_TRACK_M, -HALF_TRACK_M):
            points.append(x + along * math.cos(yaw) - across * math.sin(yaw))
            points.append(y + along * math.sin(yaw) + across * math.cos(yaw))
    return tuple(points)
