"""How options about an opponent become a race."""

from __future__ import annotations

from typing import Any

import pytest

from deepracer_local.cli._opponent import describe_verdict, opponent_fields
from deepracer_local.errors import SpecError, UnknownNameError


def test_an_opponent_makes_it_a_race_of_two() -> None:
    rules = {"number_of_resets": 3}

    fields = opponent_fields(rules, has_opponent=True, distance=-1.5, lane="outer")

    assert fields == {
        "race_type": "HEAD_TO_MODEL",
        "number_of_resets": 3,
        "opponent_distance": -1.5,
        "opponent_lane": -1,
    }
    assert opponent_fields(rules, has_opponent=False, distance=None, lane=None) == rules


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, {"has_opponent": False, "distance": 1.0, "lane": None}),
        ({"race_type": "HEAD_TO_MODEL"}, {"has_opponent": False, "distance": None, "lane": None}),
        ({"race_type": "HEAD_TO_BOT"}, {"has_opponent": True, "distance": None, "lane": None}),
    ],
    ids=["distance-alone", "type-alone", "other-type"],
)
def test_what_does_not_fit_an_opponent_is_refused(given: dict[str, Any], options: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        opponent_fields(given, **options)

    assert caught.value.field == "opponent"


def test_a_lane_is_called_by_its_name() -> None:
    with pytest.raises(UnknownNameError, match="inner"):
        opponent_fields({}, has_opponent=True, distance=None, lane="iner")


def test_the_winner_is_called_by_name() -> None:
    verdict = {"winner": "opponent", "reason": "took 9.000 s, the other 9.500 s"}

    assert describe_verdict(verdict, model="this model", opponent="red") == ("red won: took 9.000 s, the other 9.500 s")
    assert describe_verdict({**verdict, "winner": "nobody"}, model="a", opponent="b").startswith("a draw")
