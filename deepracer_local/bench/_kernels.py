"""The compiled loops behind the ideal lap: the search for a better line, and the time along it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from deepracer_local.domain import FloatArray

NARROWEST = 8.0
"""The narrowest part of a line that is moved, in points."""
CHORD = 2
"""Curvature is that of the circle through a point and those so many before and behind: nearer ones show how a border
was drawn, a millimetre of which is much at a distance of 5 cm."""


@njit(cache=True)
def search(
    points: FloatArray,
    normals: FloatArray,
    low: FloatArray,
    high: FloatArray,
    is_closed: bool,
    numbers: FloatArray,
    n_trials: int,
    seed: int,
    offsets: FloatArray,
) -> float:
    """Moves ``offsets`` wherever that makes the lap quicker; returns its time.

    A part of the line, of a width between ``NARROWEST`` and all of it, is moved sideways by 1 mm to 30 cm, smoothly;
    now and then all of it. What is quicker stays. Slopes are of no use here: at the limit of grip any dent costs time,
    and only a move of the right width gains some.

    Args:
        points: float64 (n, 2), of the line that is moved.
        normals: float64 (n, 2), to the left of it.
        low: float64 (n,), how far each point may go to the right, negative.
        high: float64 (n,), to the left.
        is_closed: whether the last point is followed by the first.
        numbers: float64 (5,), the fields of ``Limits``.
        n_trials: how many moves are tried.
        seed: of the moves.
        offsets: float64 (n,), within ``low`` and ``high``.
    """
    np.random.seed(seed)  # noqa: NPY002  # of the compiled code alone, which knows no other generator
    n = len(points)
    x, y, trial = np.empty(n), np.empty(n), np.empty(n)
    best = np.inf
    for k in range(n_trials + 1):
        trial[:] = offsets
        if k > 0:  # first of all the line as it is
            is_whole = np.random.random() < 0.02  # noqa: NPY002  # as above
            width = n if is_whole else int(NARROWEST * (n / NARROWEST) ** np.random.random())  # noqa: NPY002
            way = 0.001 * 300.0 ** np.random.random()  # noqa: NPY002
            way = way if np.random.random() < 0.5 else -way  # noqa: NPY002
            start = np.random.randint(0 if is_closed else -width, n)  # noqa: NPY002
            for i in range(width):
                at = (start + i) % n if is_closed else start + i
                if 0 <= at < n:
                    share = 1.0 if is_whole else 0.5 - 0.5 * math.cos(2.0 * math.pi * (i + 0.5) / width)
                    trial[at] = min(max(trial[at] + way * share, low[at]), high[at])
        for i in range(n):
            x[i] = points[i, 0] + trial[i] * normals[i, 0]
            y[i] = points[i, 1] + trial[i] * normals[i, 1]
        time_s = drive(x, y, numbers, is_closed)[0]
        if time_s < best:
            best = time_s
            offsets[:] = trial
    return best


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
