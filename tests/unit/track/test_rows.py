"""Rows of the community: the traps that real files hold, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deepracer_local.domain import FloatArray
from deepracer_local.errors import TrackError
from deepracer_local.track import from_rows
from tests.unit.track.roads import ring_rows, straight_rows


def test_a_duplicated_row_is_dropped() -> None:
    rows = ring_rows(100)

    track = from_rows(np.insert(rows, 40, rows[40], axis=0), name="ring")

    assert len(track.centre_m) == 100
    assert np.diff(track.s_m).min() > 0


def test_an_unaligned_border_does_not_change_the_width() -> None:
    rows = ring_rows(200, width_m=0.8)
    turned = rows.copy()
    turned[:-1, 4:6] = np.roll(rows[:-1, 4:6], 15, axis=0)
    turned[-1] = turned[0]

    assert from_rows(turned, name="ring").mean_width_m == pytest.approx(0.8, abs=5e-3)


def test_a_clockwise_file_is_driven_clockwise() -> None:
    assert from_rows(ring_rows(clockwise=True), name="ring").direction == "clockwise"


def test_a_loop_that_lacks_its_last_row_is_still_a_loop() -> None:
    assert from_rows(ring_rows()[:-1], name="ring").is_closed


def test_rows_with_a_gap_at_the_end_are_open() -> None:
    assert not from_rows(straight_rows(), name="straight").is_closed


def changed(row: int, column: int, value: float) -> FloatArray:
    rows = ring_rows(60)
    rows[row, column] = value
    return rows


def figure_of_eight() -> FloatArray:
    t = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    centre = np.column_stack([4 * np.sin(t), 3 * np.sin(2 * t)])
    tangent = np.column_stack([4 * np.cos(t), 6 * np.cos(2 * t)])
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(*tangent.T)[:, None]
    rows = np.hstack([centre, centre + 0.3 * normal, centre - 0.3 * normal])
    return np.vstack([rows, rows[:1]])


def swapped_borders() -> FloatArray:
    rows = ring_rows(60)
    return rows[:, [0, 1, 4, 5, 2, 3]]


@pytest.mark.parametrize(
    ("make", "row", "said"),
    [
        (lambda: np.zeros((50, 4)), None, r"\(N, 6\)"),
        (lambda: np.zeros(50), None, r"\(N, 6\)"),
        (lambda: np.array([["a"] * 6] * 5), None, "numbers"),
        (lambda: np.array([[None] * 6] * 5), None, "numbers"),
        (lambda: ring_rows(60)[:3], 2, "at least 4"),
        (lambda: np.zeros((30_000, 6)), 20_000, "at most 20000"),
        (lambda: changed(17, 3, np.nan), 17, "finite"),
        (lambda: changed(17, 0, np.inf), 17, "finite"),
        (lambda: changed(17, 0, 5e4), 17, "within"),
        (lambda: changed(9, 4, 0.0), None, "cross|meets"),
        (lambda: changed(9, 0, 9.0), None, "cross|meets"),
        (figure_of_eight, None, "crosses itself|meets"),
        (swapped_borders, 0, "Exchange"),
        (lambda: np.ones((40, 6)), None, "different points"),
    ],
    ids=[
        *("columns", "one dimension", "text", "objects", "three rows", "too many", "not a number", "infinite", "far"),
        *("border crosses", "line crosses", "eight", "sides", "one point"),
    ],
)
def test_a_bad_table_is_refused_with_its_row(make: Callable[[], Any], row: int | None, said: str) -> None:
    with pytest.raises(TrackError, match=said) as caught:
        from_rows(make(), name="bad")

    if row is not None:
        assert caught.value.row == row
