"""The compiled loops behind the ideal lap: bends, time along a line, and the search for a better one."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from deepracer_local.domain import FloatArray, IntArray

STRAIGHT, QUICK = 0, 1
CHORD = 2
"""Curvature is that of the circle through a point and those so many before and behind: nearer ones show how a border was
drawn, a millimetre of which is much at a distance of 5 cm."""


@njit(cache=True)
def search(
    points: FloatArray,
    normals: FloatArray,
    low: FloatArray,
    high: FloatArray,
    is_closed: bool,
    moves: FloatArray,
    spans: IntArray,
    steps_m: FloatArray,
    numbers: FloatArray,
    aim: int,
    rounds: int,
    offsets: FloatArray,
) -> None:
    """Moves ``offsets``, float64 (n,), wherever that makes the lap quicker, or, if that is the aim, straighter.

    The time has no useful slope: at the limit of grip any small dent costs time, and only a move of the right width
    gains some. So moves are tried instead.

    Args:
        points: float64 (n, 2), of the line that is moved.
        normals: float64 (n, 2), to the left of it.
        low: float64 (n,), how far each point may go to the right, negative.
        high: float64 (n,), to the left.
        is_closed: whether the last point is followed by the first.
        moves: float64 (k, n), shapes, each 0 beyond its width.
        spans: int64 (k, 2), their widths, and how far apart they are tried, in points.
        steps_m: float64, sizes of the moves, one after the other.
        numbers: float64 (5,), the fields of ``Limits``.
        aim: ``STRAIGHT`` or ``QUICK``.
        rounds: of each size, at most.
        offsets: float64 (n,), is moved.
    """
    n = len(points)
    x, y, trial = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        x[i] = points[i, 0] + offsets[i] * normals[i, 0]
        y[i] = points[i, 1] + offsets[i] * normals[i, 1]
    best = _bending(x, y, is_closed) if aim == STRAIGHT else drive(x, y, numbers, is_closed)[0]
    for step in steps_m:
        for _ in range(rounds):
            before = best
            for row in range(len(moves)):
                width, apart = spans[row]
                for first in range(0, n if is_closed else n + width, apart):
                    start = first if is_closed else first - width
                    for sign in (1.0, -1.0):
                        trial[:] = offsets
                        for i in range(width):
                            at = start + i
                            if is_closed:
                                at %= n
                            elif at < 0 or at >= n:
                                continue
                            moved = offsets[at] + sign * step * moves[row, i]
                            trial[at] = min(max(moved, low[at]), high[at])
                        for i in range(n):
                            x[i] = points[i, 0] + trial[i] * normals[i, 0]
                            y[i] = points[i, 1] + trial[i] * normals[i, 1]
                        value = _bending(x, y, is_closed) if aim == STRAIGHT else drive(x, y, numbers, is_closed)[0]
                        if value < best - 1e-9:
                            best = value
                            offsets[:] = trial
            if before - best < 1e-4 * best:
                break


@njit(cache=True)
def _curvatures(x: FloatArray, y: FloatArray, is_closed: bool) -> tuple[FloatArray, FloatArray]:
    """Returns the length of the piece behind each point and the curvature at it, per metre."""
    n = len(x)
    lengths, curvatures = np.empty(n), np.zeros(n)
    for i in range(n):
        j = (i + 1) % n
        lengths[i] = math.hypot(x[j] - x[i], y[j] - y[i])
    for i in range(n):
        if not is_closed and (i < CHORD or i >= n - CHORD):
            continue
        h, j = (i - CHORD) % n, (i + CHORD) % n
        ax, ay, bx, by = x[i] - x[h], y[i] - y[h], x[j] - x[i], y[j] - y[i]
        sides = math.hypot(ax, ay) * math.hypot(bx, by) * math.hypot(x[j] - x[h], y[j] - y[h])
        curvatures[i] = 2.0 * abs(ax * by - ay * bx) / max(sides, 1e-12)
    return lengths, curvatures


@njit(cache=True)
def _bending(x: FloatArray, y: FloatArray, is_closed: bool) -> float:
    lengths, curvatures = _curvatures(x, y, is_closed)
    total = 0.0
    for i in range(len(x)):
        total += curvatures[i] * curvatures[i] * lengths[i]
    return total


@njit(cache=True)
def drive(x: FloatArray, y: FloatArray, numbers: FloatArray, is_closed: bool) -> tuple[float, FloatArray]:
    """Returns the time along a line and the speed at each of its points: as fast as bends, motor and brake allow.

    Source: forward and backward integration, e.g. Kapania, Subosits, Gerdes 2016, section 3.
    """
    side, grip, drive, top = numbers[0], numbers[1], numbers[2], numbers[3]
    n = len(x)
    lengths, curvatures = _curvatures(x, y, is_closed)
    speed = np.empty(n)
    for i in range(n):
        k = curvatures[i]
        speed[i] = min(top, math.sqrt(side / max(k, 1e-9)))
        if k > numbers[4]:  # tighter than full lock: the car cannot drive there, and to be slow there shall not help
            speed[i] *= (numbers[4] / k) ** 2
    if not is_closed:
        speed[0] = 0.0
    laps = 2 if is_closed else 1
    for step in range(laps * n - (0 if is_closed else 1)):  # driving
        i, j = step % n, (step + 1) % n
        v = speed[i]
        across = v * v * curvatures[i]
        ahead = min(drive, math.sqrt(max(grip * grip - across * across, 0.0)))
        speed[j] = min(speed[j], math.sqrt(v * v + 2.0 * ahead * lengths[i]))
    for step in range(laps * n - (0 if is_closed else 1)):  # braking, from the end to the beginning
        j = (n - 1 - step) % n
        i = (j - 1) % n
        v = speed[j]
        used = min(v * v * curvatures[j] / side, 1.0)
        back = min(drive, grip * math.sqrt(1.0 - used * used))
        speed[i] = min(speed[i], math.sqrt(v * v + 2.0 * back * lengths[i]))
    time_s = 0.0
    for i in range(n if is_closed else n - 1):
        time_s += 2.0 * lengths[i] / max(speed[i] + speed[(i + 1) % n], 1e-6)
    return time_s, speed
