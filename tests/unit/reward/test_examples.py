from __future__ import annotations

import contextlib
import math
from statistics import fmean

import pytest

from deepracer_local.errors import UnknownNameError
from deepracer_local.race import sample_states
from deepracer_local.reward import InProcessReward, find_example, list_examples, parse_reward
from deepracer_local.reward.sandbox import open_sandbox
from deepracer_local.track import Track, builtin_tracks_dir, find_track
from tests.unit.race.scenes import ring_track, straight_track

NAMES = [example.name for example in list_examples()]
TRACKS = ["reinvent_2018", "reinvent_2018_cw", "small ring", "open"]


def track_named(name: str) -> Track:
    if name == "open":
        return straight_track()
    return ring_track(12) if name == "small ring" else find_track(name, [builtin_tracks_dir()])


@pytest.fixture(scope="module", params=TRACKS)
def states(request: pytest.FixtureRequest) -> list[dict[str, object]]:
    return sample_states(track_named(request.param))


def rewards_of(name: str, states: list[dict[str, object]]) -> list[float]:
    source = parse_reward(find_example(name).text, f"{name}.py")
    reward = InProcessReward(source, max_speed_mps=4.0, max_steering_angle_deg=30.0)
    return [reward.call(state) for state in states]


def test_ten_examples_are_shipped() -> None:
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_an_example_pays_the_same_in_the_sandbox_to_the_last_bit(name: str, states: list[dict[str, object]]) -> None:
    text = find_example(name).text
    here = InProcessReward(parse_reward(text), max_speed_mps=4.0, max_steering_angle_deg=30.0)

    with contextlib.closing(open_sandbox(text)) as sandbox:
        rewards = sandbox.call_batch(states)

    assert [float.hex(reward) for reward in rewards] == [float.hex(here.call(state)) for state in states]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_pays_finite_varied_rewards_of_fair_size(name: str, states: list[dict[str, object]]) -> None:
    rewards = rewards_of(name, states)

    assert all(map(math.isfinite, rewards))
    assert 0.0 < min(rewards) < fmean(rewards) < max(rewards) <= 100.0


@pytest.mark.parametrize("name", NAMES)
def test_an_example_prefers_a_good_place_to_the_grass(name: str, states: list[dict[str, object]]) -> None:
    good = [state for state in states if state["all_wheels_on_track"]]
    off = [state for state in states if state["is_offtrack"]]

    on_road, on_grass = (fmean(rewards_of(name, some)) for some in (good, off))

    assert on_road > 2.0 * on_grass


@pytest.mark.parametrize("name", NAMES)
def test_an_example_says_what_it_teaches_and_what_to_expect(name: str) -> None:
    example = find_example(name)

    assert example.title.endswith(".") or example.title.endswith(":") or len(example.title) > 20
    assert "Teaches:" in example.text
    assert "Expect:" in example.text


def test_an_unknown_example_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="center_line"):
        find_example("centre_line")
