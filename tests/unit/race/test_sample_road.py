"""What a race puts on the road of the sample laps and the grid."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from deepracer_local.domain import RaceObjects, RewardParams
from deepracer_local.errors import SpecError
from deepracer_local.race import SampleRoad, sample_grid, sample_laps
from deepracer_local.track import Track
from tests.unit.race.scenes import ring_track, straight_track

BOXES = RaceObjects(race_type="OBJECT_AVOIDANCE", object_positions=("0.25,-1", "0.5,1", "0.75,-1"))
DRAWN = RaceObjects(race_type="OBJECT_AVOIDANCE", number_of_obstacles=2, randomize_obstacle_locations=True)
BOTS = RaceObjects(race_type="HEAD_TO_BOT", number_of_bot_cars=2, bot_car_speed=0.5, is_lane_change=True)
STEPS = 300
OBJECT_KEYS = ("location", "left_of_center", "distance", "distance_from_center", "heading", "speed")
TRACKS = {"ring": ring_track(), "open": straight_track()}


@pytest.fixture(params=TRACKS)
def track(request: pytest.FixtureRequest) -> Track:
    return TRACKS[request.param]


def road(race: RaceObjects, track: Track, *, is_reversed: bool = False) -> SampleRoad:
    return SampleRoad(race, track, n_steps=STEPS, is_reversed=is_reversed)


def nearest_m(state: RewardParams) -> float:
    """Returns the distance from the front of the car to the middle of the nearest object."""
    return min(math.dist((state["x"], state["y"]), place) for place in state["objects_location"])


def n_crashes(states: Sequence[RewardParams]) -> int:
    return sum(after["is_crashed"] and not before["is_crashed"] for before, after in itertools.pairwise(states))


@pytest.mark.parametrize("race", [BOXES, DRAWN, BOTS], ids=["fixed", "drawn", "bots"])
def test_every_step_is_told_of_what_is_on_the_road_at_that_instant(race: RaceObjects, track: Track) -> None:
    made = road(race, track)

    for lap in sample_laps(track):
        told = made.on_lap(lap)
        assert (told.name, told.outcome, len(told.states)) == (lap.name, lap.outcome, len(lap.states))
        for i, (state, plain) in enumerate(zip(told.states, lap.states, strict=True)):
            assert list(state) == list(plain)
            objects = made.instants[min(i + 1, len(made.instants) - 1)]
            assert state["objects_location"] == [[item.pose.x_m, item.pose.y_m] for item in objects]
            assert {len(state[f"objects_{key}"]) for key in OBJECT_KEYS} == {race.n_objects}
            ahead = [s for s in state["objects_distance"] if s > state["projection_distance"]]
            expected = min(ahead, default=min(state["objects_distance"]))
            assert state["objects_distance"][state["closest_objects"][1]] == expected


def test_boxes_stand_and_other_cars_drive_on_as_fast_as_they_are_asked_to(track: Track) -> None:
    assert len(road(BOXES, track).instants) == 1

    bots = road(BOTS, track).instants

    assert len(bots) == STEPS + 1
    for before, after in zip(bots[:10], bots[15:25], strict=True):
        moved_m = [math.dist(a.pose[:2], b.pose[:2]) for a, b in zip(before, after, strict=True)]
        assert moved_m == pytest.approx([0.5, 0.5], rel=0.2)


def test_a_car_is_told_of_a_crash_while_it_drives_through_a_box_and_only_then(track: Track) -> None:
    laps = {lap.name: road(BOXES, track).on_lap(lap).states for lap in sample_laps(track)}
    states = [state for lap in laps.values() for state in lap]

    crashed = [state for state in states if state["is_crashed"]]
    assert crashed
    assert max(nearest_m(state) for state in crashed) < 0.6
    assert all(state["is_crashed"] for state in states if nearest_m(state) < 0.1)
    # One box is in the inner lane and two are in the outer one: who keeps to a lane meets those.
    assert sorted(n_crashes(laps[lane]) for lane in ("left", "right")) == [1, 2]


@pytest.mark.parametrize(("ahead_m", "is_crashed"), [(-0.05, True), (0.35, False)], ids=["behind-it", "ahead-of-it"])
def test_who_is_run_into_from_behind_has_not_crashed(ahead_m: float, is_crashed: bool) -> None:
    track = straight_track()
    made, lap = road(BOTS, track), sample_laps(track)[0]
    bot = made.instants[1][0]
    x_m = bot.pose.x_m + ahead_m
    state = {**lap.states[0], "x": x_m, "y": bot.pose.y_m, "heading": 0.0, "projection_distance": x_m}

    [told] = made.on_lap(replace(lap, states=(state,))).states

    assert told["is_crashed"] is is_crashed


def test_places_of_the_grid_are_told_of_the_start(track: Track) -> None:
    made = road(BOTS, track)

    grid = made.on_grid(sample_grid(track))

    start = [[item.pose.x_m, item.pose.y_m] for item in made.instants[0]]
    assert all(state["objects_location"] == start for state in grid.states)
    assert any(state["is_crashed"] for state in grid.states)


def test_an_object_is_in_view_when_it_is_a_little_ahead() -> None:
    track = ring_track()
    near_the_line = RaceObjects(race_type="OBJECT_AVOIDANCE", object_positions=("0.02,1",))

    states = road(near_the_line, track).on_lap(sample_laps(track)[0]).states

    assert states[0]["object_in_camera"]
    assert not states[len(states) // 2]["object_in_camera"]
    assert states[-5]["object_in_camera"]  # beyond the start line


def test_boxes_have_their_places_on_the_map_whichever_way_is_driven() -> None:
    track = ring_track()

    forward, backward = road(BOXES, track), road(BOXES, track.reversed(), is_reversed=True)

    def places(made: SampleRoad) -> list[float]:
        return [coordinate for item in made.instants[0] for coordinate in item.pose[:2]]

    assert places(backward) == pytest.approx(places(forward))


@pytest.mark.parametrize("race", [DRAWN, BOTS], ids=["boxes", "bots"])
def test_the_same_race_gives_the_same_road_however_long(race: RaceObjects, track: Track) -> None:
    made = road(race, track)

    assert made.instants == road(race, track).instants
    assert made.lasting(STEPS) is made
    assert made.lasting(STEPS + 5).instants[: len(made.instants)] == made.instants


def test_objects_without_room_are_refused() -> None:
    crowded = RaceObjects(race_type="OBJECT_AVOIDANCE", number_of_obstacles=6, min_distance_between_obstacles=9.0)

    with pytest.raises(SpecError) as caught:
        road(crowded, straight_track())

    assert caught.value.field == "number_of_obstacles"
