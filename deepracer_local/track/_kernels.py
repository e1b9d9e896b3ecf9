"""The compiled loops over polylines.

Every array here is float64 and C-contiguous; a *line* has shape (k, 2), and the line of a loop repeats its first row at
the end, so that loops and open lines are walked by the same code. ``fastmath`` stays off: the same input gives the same
bits on every run.
"""

from __future__ import annotations

import math

from numba import njit

from deepracer_local.domain import FloatArray


@njit(cache=True, fastmath=False)
def nearest_on_line(line: FloatArray, x: float, y: float) -> tuple[int, float, float, float, float]:
    """Returns (segment, fraction, x, y, squared distance) of the point of ``line`` nearest to (x, y).

    Of equally near segments the first wins. ``fraction`` is in [0, 1]. At least two rows; no zero-length segments.
    """
    best_segment = 0
    best_fraction = 0.0
    best_x = line[0, 0]
    best_y = line[0, 1]
    best = math.inf
    for k in range(line.shape[0] - 1):
        ax = line[k, 0]
        ay = line[k, 1]
        dx = line[k + 1, 0] - ax
        dy = line[k + 1, 1] - ay
        fraction = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
        if fraction <= 0.0:
            qx, qy, fraction = ax, ay, 0.0
        elif fraction >= 1.0:
            qx, qy, fraction = line[k + 1, 0], line[k + 1, 1], 1.0
        else:
            qx, qy = ax + fraction * dx, ay + fraction * dy
        squared = (x - qx) * (x - qx) + (y - qy) * (y - qy)
        if squared < best:
            best, best_segment, best_fraction, best_x, best_y = squared, k, fraction, qx, qy
    return best_segment, best_fraction, best_x, best_y, best


@njit(cache=True, fastmath=False)
def crossings_to_the_right(line: FloatArray, x: float, y: float) -> int:
    """Returns how often the ray from (x, y) towards +x crosses ``line``, or -1 where the point lies exactly on it."""
    crossings = 0
    for k in range(line.shape[0] - 1):
        ay = line[k, 1]
        by = line[k + 1, 1]
        if (ay > y and by > y) or (ay < y and by < y):
            continue
        ax = line[k, 0]
        bx = line[k + 1, 0]
        turn = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
        if turn == 0.0 and min(ax, bx) <= x <= max(ax, bx):
            return -1
        if (ay > y) != (by > y) and (turn > 0.0) == (by > ay):
            crossings += 1
    return crossings


@njit(cache=True, fastmath=False)
def locate(
    centre: FloatArray,
    stations_m: FloatArray,
    inner: FloatArray,
    outer: FloatArray,
    caps: FloatArray,
    is_closed: bool,
    is_ccw: bool,
    x: float,
    y: float,
    wheels: tuple[float, float, float, float, float, float, float, float],
) -> tuple[float, float, float, float, float, int, int, int, float, bool, int]:
    """Finds a car on the road; the result's fields are those of ``Location`` without ``ndist`` and the distance.

    ``stations_m`` is the arc length of each row of ``centre``. ``caps`` holds the two ends of an open road as a line of
    four rows (a, b, c, d) of which only a-b and c-d count; a loop has none, shape (0, 2).
    """
    n_segments = centre.shape[0] - 1
    segment, fraction, px, py, squared = nearest_on_line(centre, x, y)
    length = stations_m[n_segments]
    s = stations_m[segment] + fraction * (stations_m[segment + 1] - stations_m[segment])
    # A projection on a vertex belongs to the segment that begins there: the bisect-right of the original.
    if s >= stations_m[segment + 1]:
        s = stations_m[segment + 1]
        segment += 1
    if segment == n_segments:
        if is_closed:
            segment, s = 0, 0.0
        else:
            segment, s = n_segments - 1, length
    dx = centre[segment + 1, 0] - centre[segment, 0]
    dy = centre[segment + 1, 1] - centre[segment, 1]
    offset = math.sqrt(squared)
    if dx * (y - py) - dy * (x - px) < 0.0:
        offset = -offset
    to_prev = (x - centre[segment, 0]) ** 2 + (y - centre[segment, 1]) ** 2
    to_next = (x - centre[segment + 1, 0]) ** 2 + (y - centre[segment + 1, 1]) ** 2
    nearest = segment if to_prev <= to_next else segment + 1

    _, _, ix, iy, _ = nearest_on_line(inner, px, py)
    _, _, ox, oy, _ = nearest_on_line(outer, px, py)
    width = math.sqrt((ix - ox) ** 2 + (iy - oy) ** 2)
    nearer_inner = (x - ix) ** 2 + (y - iy) ** 2 < (x - ox) ** 2 + (y - oy) ** 2

    on_track = 0
    for w in range(4):
        wx = wheels[2 * w]
        wy = wheels[2 * w + 1]
        a = crossings_to_the_right(inner, wx, wy)
        b = crossings_to_the_right(outer, wx, wy)
        c = 0
        d = 0
        if caps.shape[0] == 4:
            c = crossings_to_the_right(caps[0:2], wx, wy)
            d = crossings_to_the_right(caps[2:4], wx, wy)
        if a >= 0 and b >= 0 and c >= 0 and d >= 0 and (a + b + c + d) % 2 == 1:
            on_track += 1
    tangent = math.atan2(dy, dx)
    return s, offset, px, py, tangent, segment, segment + 1, nearest, width, nearer_inner == is_ccw, on_track
