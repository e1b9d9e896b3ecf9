"""Drawn roads: what becomes of them, and that every fault is told at its place."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from deepracer_local.errors import ConflictError
from deepracer_local.track import Drawing, check_drawing, from_rows, load_track, save_drawing
from tests.unit.track.roads import BEAN

GOOD = tuple((float(x), float(y)) for x, y in BEAN["spline"])
EIGHT = ((-3.0, 1.5), (0.0, 0.0), (3.0, -1.5), (4.0, 0.0), (3.0, 1.5), (0.1, -0.1), (-3.0, -1.5), (-4.0, 0.0))
"""Crosses itself near the origin."""
HORSESHOE = (
    (0.0, 0.0),
    (3, 0),
    (5, 0.3),
    (5.3, 3.5),
    (2.6, 3.4),
    (2.5, 1),
    (2.2, 1),
    (2.1, 3.4),
    (-0.5, 3.5),
    (-1, 1.2),
)
"""Its two legs between y = 1 and y = 3.4 are half a metre apart."""

PLACED = {"crosses", "overlaps", "too-tight", "folds", "no-road"}


def drawn(points: tuple[tuple[float, float], ...], width_m: float = 0.8) -> Drawing:
    return Drawing("a title", points, width_m)


def rules(points: tuple[tuple[float, float], ...], width_m: float = 0.8) -> set[str]:
    return {f"{finding.kind} {finding.rule}" for finding in check_drawing(drawn(points, width_m)).findings}


def test_a_good_drawing_has_no_finding_and_becomes_the_track_it_showed(tmp_path: Path) -> None:
    road = check_drawing(drawn(GOOD))
    save_drawing(drawn(GOOD), tmp_path / "bean")
    track = load_track(tmp_path / "bean")

    assert road.findings == ()
    assert road.is_usable
    np.testing.assert_array_equal(track.centre_m, road.centre_m)
    np.testing.assert_array_equal(track.inner_m, road.inner_m)
    np.testing.assert_array_equal(track.outer_m, road.outer_m)
    assert (track.title, track.length_m, track.min_radius_m) == ("a title", road.length_m, road.min_radius_m)
    assert tuple(track.centre_m[0]) == GOOD[0]


def test_a_circle_is_measured_as_one() -> None:
    angles = [k * math.tau / 12 for k in range(12)]
    road = check_drawing(drawn(tuple((3 * math.cos(a), 3 * math.sin(a)) for a in angles)))

    assert road.length_m == pytest.approx(math.tau * 3, rel=1e-3)
    assert road.min_radius_m == pytest.approx(3, rel=0.03)
    assert np.hypot(*road.inner_m.T) == pytest.approx(2.6, abs=0.01)
    assert np.hypot(*road.outer_m.T) == pytest.approx(3.4, abs=0.01)


def test_a_crossing_is_told_once_and_where_it_is() -> None:
    [crossing] = [finding for finding in check_drawing(drawn(EIGHT, 0.5)).findings if finding.rule == "crosses"]

    assert crossing.kind == "error"
    assert crossing.x_m is not None
    assert crossing.y_m is not None
    assert math.hypot(crossing.x_m, crossing.y_m) < 0.3


def test_an_overlap_is_told_where_the_two_parts_meet() -> None:
    overlaps = [finding for finding in check_drawing(drawn(HORSESHOE, 0.7)).findings if finding.rule == "overlaps"]

    assert overlaps
    assert all(2.0 < (finding.x_m or 0) < 2.7 for finding in overlaps)


def test_a_tight_bend_is_an_error_only_where_the_border_folds() -> None:
    hairpin = ((0.0, 0.0), (4, 0), (4.6, 0.25), (4.6, 0.55), (4, 0.8), (0, 0.8), (-0.6, 0.55), (-0.6, 0.25))
    narrow, wide = check_drawing(drawn(hairpin, 0.45)), check_drawing(drawn(hairpin, 0.9))

    assert narrow.is_usable
    assert not wide.is_usable
    tight = [finding for finding in wide.findings if finding.rule == "too-tight"]
    assert tight
    assert all(abs((finding.x_m or 0) - 2) > 2 for finding in tight)  # at the ends, not on the straights


@pytest.mark.parametrize(
    ("points", "width_m", "rule"),
    [
        (GOOD, 0.15, "error too-narrow"),
        (GOOD, 0.3, "warning too-narrow"),
        (GOOD, 21.0, "error too-wide"),
        (tuple((10 * x, 10 * y) for x, y in GOOD), 3.0, "warning too-wide"),
        (tuple((0.2 * x, 0.2 * y) for x, y in GOOD), 0.3, "error too-short"),
        (tuple((900 * x, 900 * y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))), 1.0, "error no-road"),
        ((GOOD[0], *GOOD), 0.8, "error same-points"),
        ((*GOOD, (-0.1, 0.0)), 0.8, "warning near-points"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_fault_has_its_rule(points: tuple[tuple[float, float], ...], width_m: float, rule: str) -> None:
    assert rule in rules(points, width_m)


def test_what_has_no_error_is_a_track_and_what_has_one_says_where() -> None:
    random = np.random.default_rng(20)
    n_usable = 0

    for trial in range(120):
        n = int(random.integers(4, 12))
        angles = np.sort(random.uniform(0, math.tau, n)) if trial % 2 else random.uniform(0, math.tau, n)
        radii = random.uniform(1.0, 4.0, n)
        points = tuple(zip((radii * np.cos(angles)).tolist(), (radii * np.sin(angles)).tolist(), strict=True))
        road = check_drawing(drawn(points, float(random.uniform(0.3, 1.2))))
        if road.is_usable:
            n_usable += 1
            rows = np.hstack([road.centre_m, road.inner_m, road.outer_m])
            from_rows(np.vstack([rows, rows[:1]]), name="x")
        else:
            assert all(f.x_m is not None for f in road.findings if f.rule in PLACED), trial
        assert len(road.findings) <= 20

    assert n_usable > 10


def test_a_folder_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    save_drawing(drawn(GOOD), tmp_path / "bean")

    with pytest.raises(ConflictError):
        save_drawing(drawn(EIGHT), tmp_path / "bean")
    assert len(load_track(tmp_path / "bean").waypoints) > 20
