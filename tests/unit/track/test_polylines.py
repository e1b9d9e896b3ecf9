"""Lines as numpy reads them agree with the plain definitions, whatever the size of the batches."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import FloatArray
from deepracer_local.track import _polylines
from deepracer_local.track._kernels import crossings_to_the_right, nearest_on_line
from deepracer_local.track._polylines import first_crossing, is_inside, nearest_points

ROUNDS = st.integers(4, 40)
PHASES = st.floats(0.0, 6.0)


def wavy_ring(n: int, phase: float) -> FloatArray:
    """A closed line around the origin whose radius swings between 1 and 3."""
    angles = np.linspace(0, 2 * math.pi, n, endpoint=False)
    radii = 2 + np.sin(3 * angles + phase)
    ring = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    return np.vstack([ring, ring[:1]])


@settings(deadline=None)  # the first call compiles
@given(ROUNDS, PHASES, st.integers(0, 2**31))
def test_the_nearest_point_is_that_of_the_compiled_loop(n: int, phase: float, seed: int) -> None:
    line = wavy_ring(n, phase)
    points = np.random.default_rng(seed).uniform(-4, 4, (20, 2))

    found = nearest_points(line, points)

    expected = [nearest_on_line(line, x, y)[4] for x, y in points]
    assert ((found - points) ** 2).sum(axis=1) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)  # the first call compiles
@given(ROUNDS, PHASES, st.floats(-4, 4), st.floats(-4, 4))
def test_inside_is_that_of_the_compiled_loop(n: int, phase: float, x: float, y: float) -> None:
    line = wavy_ring(n, phase)
    crossings = crossings_to_the_right(line, x, y)

    assert crossings == -1 or is_inside(line, x, y) == (crossings % 2 == 1)


@given(st.integers(0, 2**31), st.integers(3, 25), st.integers(1, 60))
def test_the_first_crossing_is_that_of_all_pairs(seed: int, n: int, pairs_at_once: int) -> None:
    ends = np.random.default_rng(seed).integers(0, 12, (n, 4)).astype(np.float64)
    chain, index = np.arange(n) % 2, np.arange(n) // 2

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_polylines, "_PAIRS_AT_ONCE", pairs_at_once)
        i, j = first_crossing(ends, chain, index, is_closed=False)

    rows = [
        min(index[a], index[b])
        for a in range(n)
        for b in range(a)
        if not (chain[a] == chain[b] and abs(index[a] - index[b]) == 1) and touch(ends[a], ends[b])
    ]
    assert (i, j) == (-1, -1) if not rows else min(index[i], index[j]) == min(rows)


def touch(a: FloatArray, b: FloatArray) -> bool:
    """Whether two segments have a common point, by exact integers."""
    (ax, ay, bx, by), (cx, cy, dx, dy) = (tuple(int(v) for v in row) for row in (a, b))

    def side(px: int, py: int, qx: int, qy: int, rx: int, ry: int) -> int:
        value = (qx - px) * (ry - py) - (qy - py) * (rx - px)
        return (value > 0) - (value < 0)

    def within(px: int, py: int, qx: int, qy: int, rx: int, ry: int) -> bool:
        return min(px, qx) <= rx <= max(px, qx) and min(py, qy) <= ry <= max(py, qy)

    sides = (
        side(ax, ay, bx, by, cx, cy),
        side(ax, ay, bx, by, dx, dy),
        side(cx, cy, dx, dy, ax, ay),
        side(cx, cy, dx, dy, bx, by),
    )
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    return any(
        s == 0 and within(*segment, *point)
        for s, segment, point in (
            (sides[0], (ax, ay, bx, by), (cx, cy)),
            (sides[1], (ax, ay, bx, by), (dx, dy)),
            (sides[2], (cx, cy, dx, dy), (ax, ay)),
            (sides[3], (cx, cy, dx, dy), (bx, by)),
        )
    )
