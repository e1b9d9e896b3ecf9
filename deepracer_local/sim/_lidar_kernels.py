"""The inner loop of the lidar: beams against boxes. Compiled by numba once per installation, without fast-math."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[Any]

_PARALLEL = 1e-12
"""A beam whose direction has less than this across two planes never crosses them."""


@njit(cache=True)
def cast_beams(boxes: Array, eye: Array, axes: Array, beams: Array, ranges: Array) -> None:
    """Shortens each beam to the first box that it meets.

    A beam that begins inside a box has length 0.

    Args:
        boxes: float64 (n, 8 or more), rows of ``box_rows``.
        eye: float64 (3,), where the beams begin.
        axes: float64 (2, 3): the sensor's forward and left in the world, of length 1.
        beams: float64 (n_beams, 2): cosine and sine of each beam's angle from forward to left.
        ranges: float64 (n_beams,): how far each beam reaches at most, in metres; is overwritten.
    """
    reach = ranges.max()
    for i in range(len(boxes)):
        box = boxes[i]
        cosine, sine = box[3], box[4]
        ex, ey, oz = eye[0] - box[0], eye[1] - box[1], eye[2] - box[2]
        if np.sqrt(ex * ex + ey * ey) - np.sqrt(box[5] * box[5] + box[6] * box[6]) > reach:
            continue
        # The eye and the sensor's axes in the box's own frame: there it is three pairs of planes.
        ox, oy = cosine * ex + sine * ey, -sine * ex + cosine * ey
        fx, fy = cosine * axes[0, 0] + sine * axes[0, 1], -sine * axes[0, 0] + cosine * axes[0, 1]
        lx, ly = cosine * axes[1, 0] + sine * axes[1, 1], -sine * axes[1, 0] + cosine * axes[1, 1]
        fz, lz = axes[0, 2], axes[1, 2]
        for k in range(len(beams)):
            c, s = beams[k, 0], beams[k, 1]
            near, far = _crossing(ox, c * fx + s * lx, box[5], 0.0, ranges[k])
            near, far = _crossing(oy, c * fy + s * ly, box[6], near, far)
            near, far = _crossing(oz, c * fz + s * lz, box[7], near, far)
            if near <= far:
                ranges[k] = near


@njit(cache=True)
def _crossing(origin: float, direction: float, half: float, near: float, far: float) -> tuple[float, float]:
    """Returns the part of a ray, ``near`` to ``far``, between two planes; near > far where none is left.

    Source: the slab method, Kay and Kajiya 1986.
    """
    if abs(direction) < _PARALLEL:
        return (near, far) if abs(origin) <= half else (1.0, 0.0)
    one, other = (-half - origin) / direction, (half - origin) / direction
    if one > other:
        one, other = other, one
    return max(near, one), min(far, other)
