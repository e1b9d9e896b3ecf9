"""Recorded episodes: the same actions drive the same lap, whatever was changed in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.golden.record import EPISODES, drive, file_of


@pytest.mark.parametrize("track", EPISODES)
def test_the_same_actions_drive_the_recorded_episode(track: str) -> None:
    recorded = json.loads(file_of(track).read_text())

    driven = drive(track)

    assert len(driven) == len(recorded)
    for one, other in zip(driven, recorded, strict=True):
        assert flat(one) == pytest.approx(flat(other), rel=1e-6, abs=1e-6)


def flat(instant: dict[str, Any]) -> dict[str, Any]:
    """Returns the instant without its inner dictionary, which pytest.approx does not look into."""
    picture = instant["picture"]
    # A pixel on an edge may fall to the other side on another processor.
    seen = {f"picture_{key}": round(value) for key, value in picture.items()}
    return {key: value for key, value in instant.items() if key not in {"picture", "closest_waypoints", "outcome"}} | {
        **seen,
        "prev": instant["closest_waypoints"][0],
        "next": instant["closest_waypoints"][1],
        "ended": instant["outcome"] == "off_track",
    }
