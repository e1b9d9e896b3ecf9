"""Where boxes and other cars are put, and what is said about them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from deepracer_local.domain import INNER_LANE, OUTER_LANE, BotMotion, Pose, RaceSpec, RoadObject, VehicleSpec
from deepracer_local.errors import SpecError
from deepracer_local.race import (
    back_after_crash,
    back_on_road,
    counts_as_crash,
    move_objects,
    object_params,
    place_objects,
    place_of,
    require_room,
    start_pose,
)
from deepracer_local.track import Track, builtin_tracks_dir, list_tracks
from tests.unit.race.scenes import RADIUS_M, WIDTH_M, ring_track, straight_track

RING = ring_track(360)
LANE_M = WIDTH_M / 4
STANDING = RaceSpec(race_type="OBJECT_AVOIDANCE", number_of_obstacles=4)
TRACKS = [track for track in list_tracks([builtin_tracks_dir()]) if track.length_m > 14]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def race(**fields: Any) -> RaceSpec:
    return RaceSpec.model_validate(fields)


def arcs(spec: RaceSpec, track: Track, seed: int = 0) -> list[float]:
    return [place_of(item, track).s_m for item in place_objects(spec, track, track, rng(seed))]


def test_boxes_stand_evenly_from_the_minimum_distance_on_first_in_the_inner_lane() -> None:
    objects = place_objects(STANDING, RING, RING, rng())

    places = [place_of(item, RING) for item in objects]
    assert [place.s_m for place in places] == pytest.approx(np.linspace(2.0, RING.length_m - 1.0, 4), abs=0.02)
    assert [place.lane for place in places] == [INNER_LANE, OUTER_LANE, INNER_LANE, OUTER_LANE]
    assert [place.is_left_of_center for place in places] == [True, False, True, False]
    assert [place.distance_from_center_m for place in places] == pytest.approx([LANE_M] * 4, abs=1e-3)


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.name)
@pytest.mark.parametrize("kind", ["boxes", "cars"])
def test_drawn_objects_keep_their_distance_in_metres_all_round_the_loop(track: Track, kind: str) -> None:
    spec = race(
        race_type="OBJECT_AVOIDANCE",
        number_of_obstacles=6,
        min_distance_between_obstacles=2.0,
        randomize_obstacle_locations=True,
    )
    if kind == "cars":
        spec = race(
            race_type="HEAD_TO_BOT",
            number_of_bot_cars=4,
            min_distance_between_bot_cars=2.5,
            randomize_bot_car_locations=True,
        )
    apart_m = 2.0 if kind == "boxes" else 2.5

    for seed in range(30):
        # Of the line they stand beside; in a bend the projection of a lane's middle may be a little off.
        s_m = np.array(arcs(spec, track, seed))
        gaps = np.diff(np.append(s_m, s_m[0] + track.length_m) if track.is_closed else s_m)
        assert len(s_m) == spec.n_objects
        assert (gaps > apart_m - 0.1).all(), (seed, gaps)


def test_places_depend_on_the_seed_alone_and_differ_from_seed_to_seed() -> None:
    spec = race(race_type="OBJECT_AVOIDANCE", number_of_obstacles=3, randomize_obstacle_locations=True)

    drawn = [place_objects(spec, RING, RING, rng(seed)) for seed in (1, 1, 2)]

    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    lanes = {place_of(item, RING).lane for seed in range(20) for item in place_objects(spec, RING, RING, rng(seed))}
    assert lanes == {INNER_LANE, OUTER_LANE}


def test_given_positions_overrule_number_and_draw_and_stay_where_they_are_when_driven_backwards() -> None:
    spec = race(race_type="OBJECT_AVOIDANCE", object_positions=["0.25,-1", "0.5,1"], randomize_obstacle_locations=True)

    ahead = place_objects(spec, RING, RING, rng())
    back = place_objects(spec, RING, RING.reversed(), rng())

    assert ahead == back
    assert [(item.pose.x_m, item.pose.y_m) for item in ahead] == [
        pytest.approx((0.0, RADIUS_M + LANE_M), abs=5e-3),
        pytest.approx((-(RADIUS_M - LANE_M), 0.0), abs=5e-3),
    ]


def test_too_many_objects_are_refused_with_the_number_that_fits() -> None:
    spec = race(race_type="OBJECT_AVOIDANCE", number_of_obstacles=6, min_distance_between_obstacles=5.0)

    with pytest.raises(SpecError, match="at most 3") as caught:
        require_room(spec, RING)  # 18.8 m: at 5, 10 and 15 m

    assert caught.value.field == "number_of_obstacles"
    require_room(spec.model_copy(update={"number_of_obstacles": 3}), RING)


def test_objects_on_an_open_road_stay_before_its_end() -> None:
    track = straight_track(20.0)
    spec = race(race_type="OBJECT_AVOIDANCE", number_of_obstacles=6, randomize_obstacle_locations=True)

    for seed in range(20):
        s_m = np.array(arcs(spec, track, seed))
        assert s_m.min() >= 2.0 - 1e-6
        assert s_m.max() <= 19.0 + 1e-6
        assert np.diff(s_m).min() > 2.0 - 1e-6


BOTS = {"race_type": "HEAD_TO_BOT", "number_of_bot_cars": 2, "bot_car_speed": 1.5}


def test_other_cars_drive_their_speed_along_the_line_and_round_the_loop() -> None:
    spec = race(**BOTS)
    objects = place_objects(spec, RING, RING, rng())

    later = move_objects(objects, spec, RING, rng(), seconds=10.0)

    for before, after in zip(objects, later, strict=True):
        assert before.motion is not None
        assert after.motion is not None
        assert after.motion.s_m == pytest.approx((before.motion.s_m + 15.0) % RING.length_m)
        assert (after.speed_mps, after.motion.lane) == (1.5, before.motion.lane)
    # They look along the road, whichever way it is driven.
    against = place_objects(spec, RING, RING.reversed(), rng())[0]
    assert math.cos(against.pose.yaw_rad - RING.reversed().point_at(against.motion.s_m)[2]) > 0.999  # type: ignore[union-attr]


def test_a_change_of_lanes_takes_its_distance_and_comes_between_the_two_times() -> None:
    spec = race(
        **BOTS,
        is_lane_change=True,
        lower_lane_change_time=1.0,
        upper_lane_change_time=2.0,
        lane_change_distance=1.5,
        randomize_bot_car_locations=True,
    )
    generator = rng(3)
    objects = place_objects(spec, RING, RING, generator)
    in_lane_s, changing_m = [0.0], [0.0]

    for _ in range(1_500):
        before = objects[0].motion
        objects = move_objects(objects, spec, RING, generator, seconds=0.02)
        after = objects[0].motion
        assert before is not None
        assert after is not None
        if after.changed_m < 1.5:
            changing_m[-1] += 0.03
            if before.changed_m == 1.5:
                in_lane_s.append(0.0)
        else:
            in_lane_s[-1] += 0.02
            if before.changed_m < 1.5:
                changing_m.append(0.0)

    assert len(in_lane_s) > 8
    assert all(1.0 - 0.05 < seconds < 2.0 + 0.05 for seconds in in_lane_s[1:-1])
    assert all(distance == pytest.approx(1.5, abs=0.07) for distance in changing_m[1:-1])


def test_the_way_through_the_lanes_does_not_depend_on_the_size_of_the_steps() -> None:
    spec = race(**BOTS, is_lane_change=True)
    start = place_objects(spec, RING, RING, rng(1))

    # One car, so that the draws come in the same order.
    one = move_objects(start[:1], spec, RING, rng(5), seconds=30.0)
    small, generator = start[:1], rng(5)
    for _ in range(300):
        small = move_objects(small, spec, RING, generator, seconds=0.1)

    assert small[0].pose == pytest.approx(one[0].pose, abs=1e-6)


def box_at(s_m: float, lane: int) -> RoadObject:
    return RoadObject("box", RING.lane_pose(s_m, lane), 0.4, 0.3, 0.25)


def test_a_start_near_an_object_is_in_the_other_lane() -> None:
    places = [place_of(box_at(5.0, INNER_LANE), RING)]

    near, far = start_pose(RING, 4.2 / RING.length_m, places), start_pose(RING, 3.9 / RING.length_m, places)

    assert near == pytest.approx(RING.lane_pose(4.2, OUTER_LANE))
    assert far == pytest.approx(RING.start_pose(3.9 / RING.length_m))
    # Across the line, too.
    places = [place_of(box_at(RING.length_m - 0.5, OUTER_LANE), RING)]
    assert start_pose(RING, 0.2 / RING.length_m, places) == pytest.approx(RING.lane_pose(0.2, INNER_LANE))


def test_a_car_that_crashed_goes_on_a_metre_behind_in_the_other_lane_and_in_the_end_ahead() -> None:
    places = [place_of(box_at(5.0, INNER_LANE), RING)]
    behind = RING.lane_pose(places[0].s_m - 1.0, OUTER_LANE)

    assert back_after_crash(RING, places[0], places) == pytest.approx(behind)
    assert back_after_crash(RING, places[0], places, crashes_in_a_row=3) == pytest.approx(behind)
    ahead = back_after_crash(RING, places[0], places, crashes_in_a_row=4)
    assert ahead == pytest.approx(RING.lane_pose(places[0].s_m + 1.0, OUTER_LANE))


@pytest.mark.parametrize(("lane", "lane_of_box"), [(INNER_LANE, None), (OUTER_LANE, None), (INNER_LANE, INNER_LANE)])
def test_a_car_that_left_the_road_goes_on_in_the_nearer_lane_unless_an_object_is_there(
    lane: int, lane_of_box: int | None
) -> None:
    outside = RING.lane_pose(3.0, 4.0 * lane)
    where = RING.locate(outside.x_m, outside.y_m, (0.0,) * 8)
    places = [] if lane_of_box is None else [place_of(box_at(3.3, lane_of_box), RING)]

    pose = back_on_road(RING, where.s_m, where, places)

    expected = lane if lane_of_box is None else -lane_of_box
    assert pose == pytest.approx(RING.lane_pose(3.0, expected), abs=1e-6)


def test_touching_another_car_is_a_crash_for_the_one_behind() -> None:
    vehicle = VehicleSpec()
    bot = RoadObject("car", Pose(0, 0, 0), 0.3, 0.2, 0.2, 1.0, BotMotion(5.0, INNER_LANE, 1.0, 0.0))
    place = place_of(box_at(5.0, INNER_LANE), RING)

    # Front point against front point: the other car's is 0.14 m ahead of its middle.
    assert counts_as_crash(bot, place, 5.1, RING, vehicle)
    assert not counts_as_crash(bot, place, 5.2, RING, vehicle)
    assert counts_as_crash(box_at(5.0, INNER_LANE), place, 5.2, RING, vehicle)
    # Across the line.
    place = place._replace(s_m=0.1)
    assert counts_as_crash(bot, place, RING.length_m - 0.1, RING, vehicle)


def test_the_keys_say_where_objects_are_in_degrees_and_metres() -> None:
    objects = [
        RoadObject("box", Pose(0.0, RADIUS_M + LANE_M, math.pi), 0.4, 0.3, 0.25),
        RoadObject("car", Pose(RADIUS_M - LANE_M, 0.0, math.pi / 2), 0.3, 0.2, 0.2, 0.7),
    ]
    places = [place_of(item, RING) for item in objects]
    quarter_m = RING.length_m / 4

    keys = object_params(objects, places, 1.0, is_in_camera=True)

    assert keys["closest_objects"] == [1, 0]
    assert keys["objects_location"] == [[0.0, RADIUS_M + LANE_M], [RADIUS_M - LANE_M, 0.0]]
    assert keys["objects_distance"] == pytest.approx([quarter_m, 0.0], abs=5e-3)
    assert keys["objects_distance_from_center"] == pytest.approx([LANE_M, LANE_M], abs=1e-3)
    assert keys["objects_left_of_center"] == [False, True]
    assert keys["objects_heading"] == pytest.approx([180.0, 90.0])
    assert keys["objects_speed"] == [0.0, 0.7]
    assert keys["object_in_camera"] is True
    beyond = object_params(objects, places, quarter_m + 0.1, is_in_camera=False)
    assert beyond["closest_objects"] == [0, 1]
    assert object_params([], [], 1.0, is_in_camera=False)["closest_objects"] == [0, 0]
