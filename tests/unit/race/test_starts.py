from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import RaceSpec
from deepracer_local.race import next_start


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_round_robin_moves_on_after_every_episode_and_wraps() -> None:
    spec = RaceSpec(start_position="round_robin", round_robin_advance_dist=0.25, start_position_offset=0.1)

    starts = [next_start(spec, episode, rng()).ndist for episode in range(5)]

    assert starts == pytest.approx([0.1, 0.35, 0.6, 0.85, 0.1])


def test_cars_side_by_side_begin_apart() -> None:
    spec = RaceSpec(start_position="round_robin")

    starts = [next_start(spec, 0, rng(), initial_ndist=rank / 4).ndist for rank in range(4)]

    assert starts == [0.0, 0.25, 0.5, 0.75]


def test_fixed_starts_stay_at_the_offset() -> None:
    spec = RaceSpec(start_position="fixed", start_position_offset=0.4)

    assert {next_start(spec, episode, rng(), initial_ndist=0.3).ndist for episode in range(4)} == {0.4}


def test_random_starts_follow_the_generator() -> None:
    spec = RaceSpec(start_position="random")

    first, again = rng(7), rng(7)
    starts = [next_start(spec, episode, first).ndist for episode in range(50)]

    assert starts == [next_start(spec, episode, again).ndist for episode in range(50)]
    assert min(starts) < 0.2
    assert max(starts) > 0.8


@pytest.mark.parametrize("kind", ["round_robin", "fixed"])
def test_only_random_starts_draw_from_the_generator(kind: str) -> None:
    generator = rng()
    before = generator.bit_generator.state

    next_start(RaceSpec.model_validate({"start_position": kind}), 3, generator)

    assert generator.bit_generator.state == before


@pytest.mark.parametrize(
    ("reverse_dir", "alternate", "expected"),
    [
        (False, False, [False, False, False]),
        (True, False, [True, True, True]),
        (False, True, [False, True, False]),
        (True, True, [True, False, True]),
    ],
)
def test_direction_turns_after_every_episode_where_asked(
    reverse_dir: bool, alternate: bool, expected: list[bool]
) -> None:
    spec = RaceSpec(reverse_dir=reverse_dir, alternate_driving_direction=alternate)

    assert [next_start(spec, episode, rng()).is_reversed for episode in range(3)] == expected


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(["round_robin", "random", "fixed"]),
    offset=st.floats(0.0, 0.99),
    advance=st.floats(0.0, 1.0),
    episode=st.integers(0, 10_000),
    initial=st.floats(0.0, 0.99),
)
def test_a_start_is_a_share_of_the_lap(kind: str, offset: float, advance: float, episode: int, initial: float) -> None:
    spec = RaceSpec.model_validate(
        {"start_position": kind, "start_position_offset": offset, "round_robin_advance_dist": advance}
    )

    start = next_start(spec, episode, rng(episode), initial_ndist=initial)

    assert 0.0 <= start.ndist < 1.0


@pytest.mark.parametrize("kind", ["round_robin", "random"])
def test_starts_on_an_open_track_leave_half_the_road(kind: str) -> None:
    spec = RaceSpec.model_validate({"start_position": kind})
    generator = rng(1)

    starts = [next_start(spec, episode, generator, initial_ndist=0.9, is_closed=False).ndist for episode in range(40)]

    assert 0.0 <= min(starts) < max(starts) < 0.5
