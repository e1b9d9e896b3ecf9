from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepracer_local.domain import Outcome, RoadObject
from deepracer_local.errors import InvalidInputError
from deepracer_local.track import Track
from deepracer_local.views import draw_laps
from deepracer_local.views._style import BOX, OTHER_CAR, ROAD, VERMILION
from tests.unit.views.pictures import count_colour, lap_on, pixels, ring_track, straight_track

SLOW, FAST = "#0d0887", "#fdb32e"


@pytest.mark.parametrize("make", [ring_track, straight_track], ids=["loop", "open"])
def test_a_lap_is_drawn_from_slow_to_fast_on_the_road(tmp_path: Path, make: Callable[[], Track]) -> None:
    track = make()

    draw_laps(track, [lap_on(track)], tmp_path / "laps.png")

    picture = pixels(tmp_path / "laps.png")
    assert count_colour(picture, ROAD) > 0.01 * picture.shape[0] * picture.shape[1]
    assert count_colour(picture, SLOW) > 50
    assert count_colour(picture, FAST) > 50


def test_boxes_and_other_cars_are_drawn_where_they_stand(tmp_path: Path) -> None:
    track = ring_track()
    box = RoadObject("box", track.lane_pose(2.0, 1), 0.4, 0.3, 0.25)
    car = RoadObject("car", track.lane_pose(5.0, -1), 0.32, 0.2, 0.2)

    draw_laps(track, [lap_on(track)], tmp_path / "empty.png")
    draw_laps(track, [lap_on(track)], tmp_path / "objects.png", objects=[box, car])

    empty, full = (pixels(tmp_path / f"{name}.png") for name in ("empty", "objects"))
    for colour in (BOX, OTHER_CAR):
        assert count_colour(empty, colour) < 20  # blended edges
        assert count_colour(full, colour) > 500


def test_no_line_joins_the_places_between_which_a_car_was_set_back(tmp_path: Path) -> None:
    track = straight_track()
    lap = lap_on(track)
    n = len(lap.x_m)
    # Half of the road is jumped over in one step, at one speed and hence in one colour.
    x_m = np.where(np.arange(n) < n // 4, lap.x_m, np.minimum(lap.x_m + 0.5 * np.ptp(lap.x_m), lap.x_m.max()))
    driven = replace(lap, x_m=x_m, speed_mps=np.full(n, 1.0))
    set_back = replace(driven, is_set_back=np.arange(n) == n // 4)

    for name, one in (("driven", driven), ("set-back", set_back)):
        draw_laps(track, [one], tmp_path / f"{name}.png")

    roads = [count_colour(pixels(tmp_path / f"{name}.png"), ROAD) for name in ("driven", "set-back")]
    assert roads[1] > roads[0] * 1.02


def test_the_hole_of_a_loop_is_not_road(tmp_path: Path) -> None:
    track = ring_track()

    draw_laps(track, [lap_on(track)], tmp_path / "laps.png")

    picture = pixels(tmp_path / "laps.png")
    rows, columns = np.nonzero(np.abs(picture - np.array([226, 229, 232])).max(axis=2) <= 2)
    middle = picture[(rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2]
    assert middle.tolist() == [255, 255, 255]


def test_steps_off_the_track_and_the_end_of_an_attempt_are_marked(tmp_path: Path) -> None:
    track = ring_track()
    attempt = lap_on(track, share=0.5, outcome=Outcome.OFF_TRACK)
    off = attempt.is_on_track.copy()
    off[-20:] = False

    draw_laps(track, [lap_on(track)], tmp_path / "clean.png")
    draw_laps(track, [attempt], tmp_path / "ended.png")
    draw_laps(track, [replace(attempt, is_on_track=off)], tmp_path / "off.png")

    clean, ended, wheels_off = (
        count_colour(pixels(tmp_path / f"{name}.png"), VERMILION) for name in ("clean", "ended", "off")
    )
    assert clean < 20
    assert ended > clean + 100
    assert wheels_off > ended + 100


def test_a_lap_of_a_single_step_and_a_steady_speed_can_be_drawn(tmp_path: Path) -> None:
    track = ring_track()
    lap = lap_on(track, n=1, outcome=Outcome.TIME_UP)

    draw_laps(track, [lap], tmp_path / "laps.png")

    assert count_colour(pixels(tmp_path / "laps.png"), VERMILION) > 100


def test_many_laps_keep_the_picture_the_same_size(tmp_path: Path) -> None:
    track = ring_track()

    draw_laps(track, [lap_on(track)], tmp_path / "one.png")
    draw_laps(track, [lap_on(track)] * 12, tmp_path / "many.png")

    assert pixels(tmp_path / "one.png").shape == pixels(tmp_path / "many.png").shape


def test_a_folder_is_made_and_nothing_is_left_beside_the_picture(tmp_path: Path) -> None:
    track = straight_track()

    draw_laps(track, [lap_on(track)], tmp_path / "plots" / "laps.png")

    assert [path.name for path in (tmp_path / "plots").iterdir()] == ["laps.png"]


def test_no_lap_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        draw_laps(ring_track(), [], tmp_path / "laps.png")
