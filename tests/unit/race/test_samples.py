from __future__ import annotations

import math

import pytest

from deepracer_local.race import sample_states
from deepracer_local.track import Track, builtin_tracks_dir, find_track
from tests.unit.race.scenes import ring_track, straight_track

TRACKS = {"ring": ring_track(), "reversed": ring_track().reversed(), "open": straight_track()}


@pytest.fixture(params=[*TRACKS, "reinvent_2018"])
def track(request: pytest.FixtureRequest) -> Track:
    name: str = request.param
    return TRACKS[name] if name in TRACKS else find_track(name, [builtin_tracks_dir()])


def test_there_are_at_least_200_states_and_all_numbers_are_finite(track: Track) -> None:
    states = sample_states(track)

    assert len(states) >= 200
    assert all(math.isfinite(value) for state in states for value in state.values() if isinstance(value, float))


def test_the_same_track_gives_the_same_states(track: Track) -> None:
    assert sample_states(track) == sample_states(track)


def test_they_show_every_situation(track: Track) -> None:
    states = sample_states(track)

    assert any(state["is_offtrack"] for state in states)
    assert any(state["all_wheels_on_track"] for state in states)
    assert any(not state["all_wheels_on_track"] and not state["is_offtrack"] for state in states)
    assert {state["is_left_of_center"] for state in states} == {True, False}
    assert {state["is_left_of_center"] for state in states if state["is_offtrack"]} == {True, False}
    assert len({state["speed"] for state in states}) >= 4
    assert {math.copysign(1, state["steering_angle"]) for state in states} == {1.0, -1.0}


def test_some_face_the_wrong_way(track: Track) -> None:
    def turned_deg(state: dict[str, object]) -> float:
        behind, ahead = (state["waypoints"][index] for index in state["closest_waypoints"])  # type: ignore[index, attr-defined]
        road = math.degrees(math.atan2(ahead[1] - behind[1], ahead[0] - behind[0]))
        return abs((road - state["heading"] + 180) % 360 - 180)  # type: ignore[operator]

    turns = [turned_deg(state) for state in sample_states(track)]

    assert max(turns) > 170
    assert min(turns) < 5


def test_they_run_from_the_start_to_the_finish(track: Track) -> None:
    states = sample_states(track)

    steps = [state["steps"] for state in states]
    assert steps == sorted(set(steps))
    assert steps[0] == 2.0
    assert states[0]["progress"] < 5.0
    assert states[-1]["progress"] == 100.0
    assert all(0.0 <= state["progress"] <= 100.0 for state in states)


def test_direction_is_passed_on() -> None:
    assert all(state["is_reversed"] for state in sample_states(TRACKS["reversed"], is_reversed=True))
