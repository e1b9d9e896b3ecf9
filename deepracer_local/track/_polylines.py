"""What is asked of lines once, when a track is read.

Without the compiler: it takes longer to load than this takes to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from deepracer_local.domain import FloatArray, IntArray

_PAIRS_AT_ONCE = 1_000_000
"""How many pairs are looked at together: bounds the memory to some tens of megabytes."""


def nearest_points(line: FloatArray, points: FloatArray) -> FloatArray:
    """Returns, float64 (n, 2), the point of ``line`` nearest to each of ``points``; of equally near ones the first.

    Args:
        line: float64 (k, 2), k >= 2, without segments of no length.
        points: float64 (n, 2).
    """
    starts, steps = line[:-1], np.diff(line, axis=0)
    squared_lengths = (steps**2).sum(axis=1)
    found = np.empty_like(points)
    rows = max(1, _PAIRS_AT_ONCE // len(steps))
    for first in range(0, len(points), rows):
        some = points[first : first + rows, np.newaxis, :]
        fractions = (((some - starts) * steps).sum(axis=2) / squared_lengths).clip(0.0, 1.0)
        nearest = starts + fractions[:, :, np.newaxis] * steps
        best = ((some - nearest) ** 2).sum(axis=2).argmin(axis=1)
        found[first : first + rows] = nearest[np.arange(len(best)), best]
    return found


def is_inside(ring: FloatArray, x: float, y: float) -> bool:
    """Returns whether a point is inside a closed line, by the crossings of the ray towards +x.

    Args:
        ring: float64 (k, 2), its first row repeated at the end.
        x: of a point that is not on the line.
        y: of that point.
    """
    (ax, ay), (bx, by) = ring[:-1].T, ring[1:].T
    turns = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
    crosses = ((ay > y) != (by > y)) & ((turns > 0.0) == (by > ay))
    return bool(np.count_nonzero(crosses) % 2)


def first_crossing(segments: FloatArray, chain: IntArray, index: IntArray, *, is_closed: bool) -> tuple[int, int]:
    """Returns the positions of two segments that meet though they should not, or (-1, -1).

    Of several meetings the one at the lowest row wins. The arguments are those of ``crossings``.
    """
    best, best_row = (-1, -1), np.inf
    for i, j in crossings(segments, chain, index, is_closed=is_closed):
        rows = np.minimum(index[i], index[j])
        lowest = int(rows.argmin())
        if rows[lowest] < best_row:
            best, best_row = (int(i[lowest]), int(j[lowest])), rows[lowest]
    return best


def crossings(
    segments: FloatArray, chain: IntArray, index: IntArray, *, is_closed: bool
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yields the positions of segments that meet though they should not, in batches: int64 (m,) each, m >= 1.

    Neighbours in one chain may share their common vertex; any other touch counts.

    Args:
        segments: float64 (k, 4), ax, ay, bx, by.
        chain: int64 (k,), which line a segment belongs to.
        index: int64 (k,), its place in that line.
        is_closed: whether the first and the last segment of a line are neighbours.
    """
    low_x = np.minimum(segments[:, 0], segments[:, 2])
    order = np.argsort(low_x, kind="stable")
    low_x, high_x = low_x[order], np.maximum(segments[:, 0], segments[:, 2])[order]
    # Sorted by their left ends, a segment can only meet those that begin before it ends.
    n_after = np.searchsorted(low_x, high_x, side="right") - np.arange(1, len(order) + 1)
    counts = np.bincount(chain)
    for first, last in _batches(n_after):
        i = np.repeat(np.arange(first, last), n_after[first:last])
        j = (
            i
            + 1
            + np.arange(len(i))
            - np.repeat(np.cumsum(n_after[first:last]) - n_after[first:last], n_after[first:last])
        )
        i, j = order[i], order[j]
        apart = np.abs(index[i] - index[j])
        is_neighbour = (chain[i] == chain[j]) & ((apart == 1) | (is_closed & (apart == counts[chain[i]] - 1)))
        meets = ~is_neighbour & _meet(segments[i], segments[j])
        if meets.any():
            yield i[meets], j[meets]


def _batches(n_after: IntArray) -> list[tuple[int, int]]:
    """Returns ranges of segments whose pairs fit together."""
    ends = np.flatnonzero(np.diff(np.cumsum(n_after) // _PAIRS_AT_ONCE)) + 1
    bounds = [0, *ends.tolist(), len(n_after)]
    return list(pairwise(bounds))


def _meet(a: FloatArray, b: FloatArray) -> npt.NDArray[np.bool_]:
    """Returns, bool (n,), whether the segments of each row have a common point, both float64 (n, 4)."""
    ax, ay, bx, by = a.T
    cx, cy, dx, dy = b.T
    boxes_overlap = (
        (np.minimum(cy, dy) <= np.maximum(ay, by))
        & (np.maximum(cy, dy) >= np.minimum(ay, by))
        & (np.minimum(cx, dx) <= np.maximum(ax, bx))
        & (np.maximum(cx, dx) >= np.minimum(ax, bx))
    )
    c_side = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d_side = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    a_side = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    b_side = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    # With overlapping boxes, opposite or zero signs on both sides mean a common point.
    meets: npt.NDArray[np.bool_] = boxes_overlap & (c_side * d_side <= 0.0) & (a_side * b_side <= 0.0)
    return meets
