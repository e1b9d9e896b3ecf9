"""The picture of what a reward function pays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deepracer_local.domain import RoadObject
from deepracer_local.race import sample_grid, sample_laps
from deepracer_local.track import Track
from deepracer_local.views import draw_rewards
from deepracer_local.views._style import BOX
from tests.unit.views.pictures import count_colour, pixels, ring_track, straight_track

BRIGHT, DARK = "#f9e23a", "#00285a"


def preview_of(track: Track, *, best_lane: int | None) -> dict[str, Any]:
    """Returns a preview in which one lane is paid 1 and all else 0, or nothing at all where there is no such lane."""
    grid, laps = sample_grid(track), sample_laps(track)
    n_places, n_lanes = grid.n_along * len(grid.lanes), len(grid.lanes)
    paid = [None if best_lane is None else float(i % n_lanes == best_lane) for i in range(n_places)]
    return {
        "laps": [
            {
                "title": lap.title,
                "x": [state["x"] for state in lap.states],
                "y": [state["y"] for state in lap.states],
                "reward": [None if best_lane is None else 0.0] * len(lap.states),
                "total": None if best_lane is None else 0.0,
                "mean": None if best_lane is None else 0.0,
            }
            for lap in laps
        ],
        "grid": {
            "n_along": grid.n_along,
            "lanes": list(grid.lanes),
            "headings_deg": list(grid.headings_deg),
            "x": [state["x"] for state in grid.states[:n_places]],
            "y": [state["y"] for state in grid.states[:n_places]],
            "reward": [paid] * len(grid.headings_deg),
        },
        "scale_low": None if best_lane is None else 0.0,
        "scale_high": None if best_lane is None else 1.0,
    }


@pytest.mark.parametrize("track", [ring_track(), straight_track()], ids=["closed", "open"])
def test_a_place_is_painted_by_its_reward(track: Track, tmp_path: Path) -> None:
    draw_rewards(track, preview_of(track, best_lane=4), tmp_path / "middle.png", title="mine.py")
    draw_rewards(track, preview_of(track, best_lane=-1), tmp_path / "none.png", title="mine.py")

    middle, none = pixels(tmp_path / "middle.png"), pixels(tmp_path / "none.png")

    assert count_colour(middle, BRIGHT) > 2 * count_colour(none, BRIGHT) + 500
    assert count_colour(none, DARK) > count_colour(middle, DARK) > 500


def test_what_is_on_the_road_is_drawn_over_it(tmp_path: Path) -> None:
    track, preview = ring_track(), preview_of(ring_track(), best_lane=4)
    boxes = [RoadObject("box", track.lane_pose(s_m, 1), 0.4, 0.3, 0.25) for s_m in (3.0, 9.0)]

    draw_rewards(track, preview, tmp_path / "empty.png", title="mine.py")
    draw_rewards(track, preview, tmp_path / "boxes.png", title="mine.py", objects=boxes)

    empty, found = pixels(tmp_path / "empty.png"), pixels(tmp_path / "boxes.png")
    assert count_colour(found, BOX) > count_colour(empty, BOX) + 100


def test_a_function_that_pays_nothing_still_gets_a_picture(tmp_path: Path) -> None:
    track = ring_track()

    draw_rewards(track, preview_of(track, best_lane=None), tmp_path / "empty.png", title="mine.py")

    assert pixels(tmp_path / "empty.png").shape[0] > 300
