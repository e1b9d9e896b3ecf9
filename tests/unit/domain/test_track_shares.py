"""Several tracks in one training: how cars and laps are spread over them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from deepracer_local.domain import TrackShare, TrainSpec, spread_cars, spread_laps

WEIGHTS = st.lists(st.floats(0.01, 1000.0), min_size=1, max_size=16)


@given(WEIGHTS, st.integers(0, 200))
def test_every_track_has_a_car_and_the_rest_go_by_weight(weights: list[float], n_more: int) -> None:
    shares = [TrackShare(track=f"t{i}", weight=weight) for i, weight in enumerate(weights)]

    counts = spread_cars(shares, len(shares) + n_more)

    assert sum(counts) == len(shares) + n_more
    for count, weight in zip(counts, weights, strict=True):
        assert count >= 1
        assert abs(count - 1 - n_more * weight / sum(weights)) < 1.0 + 1e-9


@given(st.integers(1, 16), st.integers(1, 100))
def test_every_track_is_evaluated_and_laps_are_spread_evenly(n_tracks: int, laps: int) -> None:
    spread = spread_laps(n_tracks, laps)

    assert sum(spread) == max(laps, n_tracks)
    assert 1 <= min(spread) <= max(spread) <= min(spread) + 1


def test_one_track_has_all_cars_and_laps() -> None:
    spec = TrainSpec(track="oval", n_envs=7)

    assert ([road.label for road in spec.roads], spec.cars_per_road, spread_laps(1, 3)) == (["oval"], (7,), (3,))


@pytest.mark.parametrize(
    ("tracks", "said"),
    [
        (({"track": "chicane"},), "begin with track"),
        (({"track": "oval"}, {"track": "oval", "weight": 2.0}), "once in each direction"),
        (tuple({"track": "oval" if i == 0 else f"t{i}"} for i in range(5)), "a car for each"),
    ],
)
def test_tracks_that_do_not_fit_together_are_refused(tracks: tuple[dict[str, object], ...], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TrainSpec.model_validate({"track": "oval", "n_envs": 4, "tracks": tracks})
