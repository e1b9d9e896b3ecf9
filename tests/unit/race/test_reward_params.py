from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.domain import Command, RaceSpec, VehicleSpec, VehicleState
from deepracer_local.race import TimeTrial, reward_params
from deepracer_local.race._samples import standing_at
from deepracer_local.track import Location, Track
from tests.unit.race.scenes import RADIUS_M, WIDTH_M, place, ring_track, straight_track

TYPES = {
    "all_wheels_on_track": bool,
    "x": float,
    "y": float,
    "heading": float,
    "distance_from_center": float,
    "projection_distance": float,
    "progress": float,
    "steps": float,
    "speed": float,
    "steering_angle": float,
    "track_width": float,
    "track_length": float,
    "waypoints": list,
    "closest_waypoints": list,
    "is_left_of_center": bool,
    "is_reversed": bool,
    "closest_objects": list,
    "objects_location": list,
    "objects_left_of_center": list,
    "objects_distance": list,
    "objects_distance_from_center": list,
    "objects_heading": list,
    "objects_speed": list,
    "object_in_camera": bool,
    "is_crashed": bool,
    "is_offtrack": bool,
    "sim_time": float,
}
RING = ring_track()
DOCS = Path(__file__).parents[3] / "docs"


def scene(track: Track, ndist: float, **changes: Any) -> tuple[VehicleState, Location, TimeTrial]:
    vehicle = replace(standing_at(VehicleSpec(), track.start_pose(ndist), 1.0), **changes)
    location = track.locate(vehicle.front_x_m, vehicle.front_y_m, vehicle.wheels_xy_m)
    return vehicle, location, TimeTrial(RaceSpec(), track)


def params_at(track: Track, ndist: float, *, is_reversed: bool = False, **changes: Any) -> dict[str, object]:
    vehicle, location, rules = scene(track, ndist, **changes)
    race = rules.start(vehicle, location, ndist)
    return reward_params(track, vehicle, location, race, Command(-15.0, 2.0), is_reversed=is_reversed)


@pytest.mark.parametrize("track", [RING, RING.reversed(), straight_track()], ids=["loop", "reversed", "open"])
def test_all_27_keys_have_their_exact_python_type(track: Track) -> None:
    params = params_at(track, 0.3)

    assert {key: type(value) for key, value in params.items()} == TYPES
    assert len(params) == 27


def test_lists_hold_plain_python_values() -> None:
    params = params_at(RING, 0.3)

    assert {type(index) for index in params["closest_waypoints"]} == {int}  # type: ignore[attr-defined]
    assert {type(point) for point in params["waypoints"]} == {tuple}  # type: ignore[attr-defined]
    assert {type(value) for point in params["waypoints"] for value in point} == {float}  # type: ignore[attr-defined]


def test_position_is_the_front_point_and_heading_in_degrees() -> None:
    params = params_at(RING, 0.25)

    # A quarter of the ring: base_link at (0, 3) facing -x, so the front point is 0.14 m to its left.
    assert (params["x"], params["y"]) == (pytest.approx(-0.14, abs=0.01), pytest.approx(RADIUS_M, abs=0.01))
    assert params["heading"] == pytest.approx(180.0 - 1.5, abs=2.0) or params["heading"] == pytest.approx(-178, abs=2)


def test_place_on_the_track_matches_the_closed_form_of_a_ring() -> None:
    params = params_at(RING, 0.25)

    away = math.hypot(params["x"], params["y"]) - RADIUS_M  # type: ignore[arg-type]
    assert params["distance_from_center"] == pytest.approx(away, abs=2e-3)
    assert params["track_width"] == pytest.approx(WIDTH_M, abs=2e-3)
    assert params["track_length"] == pytest.approx(2 * math.pi * RADIUS_M, abs=0.01)
    # The origin of projection_distance is the first row, whatever the episode's start.
    assert params["projection_distance"] == pytest.approx(0.25 * 2 * math.pi * RADIUS_M + 0.14, abs=0.01)
    assert params["is_left_of_center"] is False
    assert params["closest_waypoints"] == [30, 31]


def test_first_step_shows_the_head_start_of_the_front_point() -> None:
    params = params_at(RING, 0.5)

    assert params["progress"] == pytest.approx(100 * 0.14 / (2 * math.pi * RADIUS_M), abs=0.01)
    assert (params["steps"], params["sim_time"]) == (1.0, 0.0)


def test_speed_and_steering_are_as_commanded() -> None:
    params = params_at(RING, 0.5, speed_mps=0.3)

    assert (params["speed"], params["steering_angle"]) == (2.0, -15.0)


def test_waypoints_close_on_loops_and_follow_the_driving_direction() -> None:
    forward, backward = params_at(RING, 0.1), params_at(RING.reversed(), 0.1, is_reversed=True)

    assert forward["waypoints"][0] == forward["waypoints"][-1]  # type: ignore[index]
    assert backward["waypoints"] == forward["waypoints"][::-1]  # type: ignore[index]
    assert (forward["is_reversed"], backward["is_reversed"]) == (False, True)


@pytest.mark.parametrize(
    ("wheels", "all_on", "off"), [(4, True, False), (3, False, False), (1, False, False), (0, False, True)]
)
def test_the_two_notions_of_off(wheels: int, all_on: bool, off: bool) -> None:
    vehicle, _, rules = scene(RING, 0.0)
    location = place(0.0, wheels_on_track=wheels)

    params = reward_params(
        RING, vehicle, location, rules.start(vehicle, location, 0.0), Command(0.0, 1.0), is_reversed=False
    )

    assert (params["all_wheels_on_track"], params["is_offtrack"]) == (all_on, off)


def test_contact_is_a_crash() -> None:
    assert params_at(RING, 0.0, has_contact=True)["is_crashed"] is True


def test_scribbling_on_the_lists_reaches_neither_the_track_nor_the_next_call() -> None:
    first = params_at(RING, 0.1)
    first["waypoints"].clear()  # type: ignore[attr-defined]
    first["objects_location"].append("mine")  # type: ignore[attr-defined]
    first["closest_objects"][0] = 99  # type: ignore[index]

    second = params_at(RING, 0.1)

    assert len(second["waypoints"]) == len(RING.waypoints) == 121  # type: ignore[arg-type]
    assert (second["objects_location"], second["closest_objects"]) == ([], [0, 0])


@pytest.mark.parametrize("key", TYPES)
def test_every_key_is_described_in_the_docs(key: str) -> None:
    rows = [line for line in (DOCS / "reward_parameters.md").read_text(encoding="utf-8").splitlines() if "|" in line]

    assert sum(f"`{key}`" in row.split("|")[1] for row in rows) == 1
