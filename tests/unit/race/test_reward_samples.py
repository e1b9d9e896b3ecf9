from __future__ import annotations

import math
from statistics import fmean

import pytest

from deepracer_local.domain import RewardParams
from deepracer_local.race import sample_reward, sample_states
from deepracer_local.track import Track, builtin_tracks_dir, find_track
from tests.unit.race.scenes import ring_track, straight_track

TRACKS = {"ring": ring_track(), "reversed": ring_track().reversed(), "open": straight_track()}


@pytest.fixture(params=[*TRACKS, "reinvent_2018", "serpent"])
def track(request: pytest.FixtureRequest) -> Track:
    name: str = request.param
    return TRACKS[name] if name in TRACKS else find_track(name, [builtin_tracks_dir()])


def test_the_tour_begins_with_the_sampled_states_and_only_these_are_certain(track: Track) -> None:
    samples, states = sample_reward(track), sample_states(track)

    assert [state.params for state in samples.tour[: len(states)]] == states
    assert [state.is_certain for state in samples.tour] == [i < len(states) for i in range(len(samples.tour))]


def test_every_place_is_named(track: Track) -> None:
    places = {state.place for state in sample_reward(track).tour}

    assert {
        "at the start",
        "at the finish",
        "on the centre line",
        "off the road on the left",
        "off the road on the right",
        "facing the wrong way",
        "with boxes on the road",
        "with other cars on the road",
        "after a crash",
    } <= places


def test_places_say_what_the_state_shows(track: Track) -> None:
    for state in sample_reward(track).tour:
        if state.place.startswith("off the road"):
            assert not state.params["all_wheels_on_track"]
            assert state.params["is_left_of_center"] == state.place.endswith("left")
        if state.place == "after a crash":
            assert state.params["is_crashed"]


def test_states_with_objects_are_consistent(track: Track) -> None:
    found = [state.params for state in sample_reward(track).tour if state.params["objects_location"]]

    assert len(found) >= 40
    for params in found:
        before, ahead = params["closest_objects"]
        n_objects = len(params["objects_location"])
        for key in ("left_of_center", "distance", "distance_from_center", "heading", "speed"):
            assert len(params[f"objects_{key}"]) == n_objects
        assert (before + 1) % n_objects == ahead
        to_next_m = params["objects_distance"][ahead] - params["projection_distance"]
        assert to_next_m > 0 or ahead == 0


def test_all_states_have_the_same_keys_and_finite_values(track: Track) -> None:
    samples = sample_reward(track)
    states: list[RewardParams] = [state.params for state in samples.tour] + list(samples.waiting)
    states += [
        params for legs in (samples.driving, samples.standing, samples.backwards) for leg in legs for params in leg
    ]

    assert {frozenset(params) for params in states} == {frozenset(states[0])}
    assert all(math.isfinite(value) for params in states for value in params.values() if isinstance(value, float))


def test_driving_gains_progress_standing_keeps_it_and_backwards_loses_it(track: Track) -> None:
    samples = sample_reward(track)

    for driving, standing, backwards in zip(samples.driving, samples.standing, samples.backwards, strict=True):
        gains = [leg[-1]["progress"] - leg[0]["progress"] for leg in (driving, standing, backwards)]
        assert gains[0] > 3.0
        assert gains[1] == 0.0
        assert gains[2] == pytest.approx(-gains[0])
        assert len({tuple(params["steps"] for params in leg) for leg in (driving, standing, backwards)}) == 1
        means = [fmean(params["progress"] for params in leg) for leg in (driving, standing, backwards)]
        assert max(means) - min(means) < 1e-9


def test_legs_stay_on_the_centre_line(track: Track) -> None:
    samples = sample_reward(track)

    for legs in (samples.driving, samples.standing, samples.backwards):
        for leg in legs:
            assert max(params["distance_from_center"] for params in leg) < 1e-6
            assert min(params["progress"] for params in leg) >= 0.0
            assert max(params["progress"] for params in leg) <= 100.0


def test_waiting_is_one_state_but_for_the_clock(track: Track) -> None:
    waiting = sample_reward(track).waiting

    still = [{k: v for k, v in params.items() if k not in {"steps", "sim_time"}} for params in waiting]
    assert all(params == still[0] for params in still)
    assert [params["steps"] for params in waiting] == [200.0 + i for i in range(len(waiting))]


def test_the_same_track_gives_the_same_samples(track: Track) -> None:
    assert sample_reward(track) == sample_reward(track)
