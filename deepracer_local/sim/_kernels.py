"""The inner loops of the cameras: from pixels to texels of the painted ground, and rays against boxes.

All kernels share one geometry. A pixel's ray is ``forward + x * right + y * down`` with x, y in units of the focal
length; it meets the ground where its height is used up. Compiled by numba once per installation, without fast-math:
the same pose gives the same picture, bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[Any]

HORIZON = 1e-4
"""A ray that falls by less than this per unit of its length is above the horizon: it meets the ground too far off."""
NEAREST = 1e-3
"""Rays meet boxes from this depth on, in metres."""


@njit(cache=True)
def _level(distance: float, texels_per_pixel: float, height: float, n_levels: int) -> int:
    """Returns the level whose texels fit a pixel at a distance along the ray.

    A pixel covers ``d / f`` across and ``d / f * d / height`` along the ground; their geometric mean decides.
    """
    side = distance * texels_per_pixel * np.sqrt(max(distance / height, 1.0))
    level = 0
    while level < n_levels - 1 and side > 2.0:
        side *= 0.5
        level += 1
    return level


@njit(cache=True)
def draw_ground(
    texels: Array,
    starts: Array,
    columns: Array,
    rows: Array,
    origin_and_texel: Array,
    eye: Array,
    axes: Array,
    focal: float,
    centre: Array,
    picture: Array,
) -> None:
    """Fills ``picture``, uint8 (height, width), with the nearest texel of each pixel's ground point, or the sky.

    Args:
        texels: uint8 (n,), the sky and then all levels of a ``Surface``.
        starts: int64 (n_levels,), as in ``Surface``.
        columns: int64 (n_levels,)
        rows: int64 (n_levels,)
        origin_and_texel: float64 (3,): x, y of the ground's corner and the finest texel's side.
        eye: float64 (3,), the camera's position.
        axes: float64 (3, 3), rows forward, right and down in the world.
        focal: focal length in pixels.
        centre: float64 (2,): where inside a pixel its ray starts, x and y in pixels; 0.5, 0.5 is its middle.
        picture: is overwritten.
    """
    height, width = picture.shape
    texel = origin_and_texel[2]
    step_x, step_y, step_z = axes[1, 0] / focal, axes[1, 1] / focal, axes[1, 2] / focal
    first_x = (centre[0] - 0.5 * width) / focal
    sky = texels[0]
    indices = np.empty(width, dtype=np.int32)
    for r in range(height):
        down = (r + centre[1] - 0.5 * height) / focal
        x = axes[0, 0] + down * axes[2, 0] + first_x * axes[1, 0]
        y = axes[0, 1] + down * axes[2, 1] + first_x * axes[1, 1]
        z = axes[0, 2] + down * axes[2, 2] + first_x * axes[1, 2]
        middle_z = z + 0.5 * width * step_z
        if middle_z > -HORIZON and z > -HORIZON and z + width * step_z > -HORIZON:
            picture[r, :] = sky
            continue
        k = _level(eye[2] / max(-middle_z, HORIZON), 1.0 / (focal * texel), eye[2], len(starts))
        scale = 1.0 / (texel * (1 << k))
        u0, v0 = (eye[0] - origin_and_texel[0]) * scale, (eye[1] - origin_and_texel[1]) * scale
        last_u, last_v = columns[k] - 1.0, rows[k] - 1.0
        start, stride = np.int32(starts[k]), np.int32(columns[k])
        reach = eye[2] * scale
        # Two loops, the first without a branch: the compiler then works on several pixels at once.
        for c in range(width):
            fall = -(z + c * step_z)
            is_ground = fall > HORIZON
            t = reach / (fall if is_ground else 1.0)
            # The rim of every level is field, so that clamping paints the field for ever.
            u = u0 + t * (x + c * step_x)
            v = v0 + t * (y + c * step_y)
            u = u if u > 0.0 else 0.0
            v = v if v > 0.0 else 0.0
            u = u if u < last_u else last_u
            v = v if v < last_v else last_v
            index = start + np.int32(v) * stride + np.int32(u)
            indices[c] = index if is_ground else 0
        for c in range(width):
            picture[r, c] = texels[indices[c]]


@njit(cache=True)
def draw_ground_rgb(
    texels: Array,
    starts: Array,
    columns: Array,
    rows: Array,
    origin_and_texel: Array,
    eye: Array,
    axes: Array,
    focal: float,
    zenith: Array,
    picture: Array,
) -> None:
    """Fills ``picture``, uint8 (height, width, 3), with smoothly sampled ground and a sky that darkens upwards.

    As ``draw_ground``, but for people: bilinear between four texels; ``zenith`` is float64 (3,), the colour overhead.
    """
    height, width, _ = picture.shape
    texel = origin_and_texel[2]
    for r in range(height):
        down = (r + 0.5 - 0.5 * height) / focal
        for c in range(width):
            right = (c + 0.5 - 0.5 * width) / focal
            x = axes[0, 0] + down * axes[2, 0] + right * axes[1, 0]
            y = axes[0, 1] + down * axes[2, 1] + right * axes[1, 1]
            z = axes[0, 2] + down * axes[2, 2] + right * axes[1, 2]
            if z > -HORIZON:
                up = min(z / np.sqrt(x * x + y * y + 1e-12) * 1.6, 1.0)
                for i in range(3):
                    picture[r, c, i] = np.uint8(texels[0, i] * (1.0 - up) + zenith[i] * up)
                continue
            t = -eye[2] / z
            k = _level(t, 1.0 / (focal * texel), eye[2], len(starts))
            scale = 1.0 / (texel * (1 << k))
            u = (eye[0] + t * x - origin_and_texel[0]) * scale - 0.5
            v = (eye[1] + t * y - origin_and_texel[1]) * scale - 0.5
            u = min(max(u, 0.0), columns[k] - 1.001)
            v = min(max(v, 0.0), rows[k] - 1.001)
            i0, j0 = np.int64(u), np.int64(v)
            a, b = u - i0, v - j0
            at = starts[k] + j0 * columns[k] + i0
            for i in range(3):
                low = texels[at, i] * (1.0 - a) + texels[at + 1, i] * a
                high = texels[at + columns[k], i] * (1.0 - a) + texels[at + columns[k] + 1, i] * a
                picture[r, c, i] = np.uint8(low * (1.0 - b) + high * b + 0.5)


@njit(cache=True)
def draw_boxes(boxes: Array, eye: Array, axes: Array, focal: float, centre: Array, picture: Array) -> None:
    """Draws boxes over a grey ``picture``, uint8 (height, width), the farthest first.

    Args:
        boxes: float64 (n, 11), rows of ``box_rows``, farthest first.
        eye: float64 (3,).
        axes: float64 (3, 3), rows forward, right and down.
        focal: in pixels.
        centre: float64 (2,), as in ``draw_ground``.
        picture: is drawn on.
    """
    height, width = picture.shape
    for i in range(len(boxes)):
        box = boxes[i]
        cosine, sine = box[3], box[4]
        # The eye and the camera's axes in the box's own frame: there it is three pairs of planes.
        ex, ey = eye[0] - box[0], eye[1] - box[1]
        ox, oy, oz = cosine * ex + sine * ey, -sine * ex + cosine * ey, eye[2] - box[2]
        left, right, top, bottom = _extent(box, ox, oy, oz, axes, focal, width, height)
        for r in range(top, bottom):
            down = (r + centre[1] - 0.5 * height) / focal
            for c in range(left, right):
                across = (c + centre[0] - 0.5 * width) / focal
                wx = axes[0, 0] + across * axes[1, 0] + down * axes[2, 0]
                wy = axes[0, 1] + across * axes[1, 1] + down * axes[2, 1]
                dz = axes[0, 2] + across * axes[1, 2] + down * axes[2, 2]
                face = _hit(ox, oy, oz, cosine * wx + sine * wy, -sine * wx + cosine * wy, dz, box)
                if face >= 0:
                    picture[r, c] = np.uint8(box[8 + face])


@njit(cache=True)
def _extent(
    box: Array, ox: float, oy: float, oz: float, axes: Array, focal: float, width: int, height: int
) -> tuple[int, int, int, int]:
    """Returns the half-open pixel ranges left, right, top, bottom outside of which the box cannot be.

    They enclose the corners before the eye, and where edges from these to corners behind it pass the nearest depth.
    """
    seen = np.empty((8, 3))
    for i in range(8):
        lx = (box[5] if i & 1 else -box[5]) - ox
        ly = (box[6] if i & 2 else -box[6]) - oy
        lz = (box[7] if i & 4 else -box[7]) - oz
        wx, wy = box[3] * lx - box[4] * ly, box[4] * lx + box[3] * ly
        for k in range(3):
            seen[i, k] = wx * axes[k, 0] + wy * axes[k, 1] + lz * axes[k, 2]
    left, right, top, bottom = 1e9, -1e9, 1e9, -1e9
    for i in range(8):
        if seen[i, 0] < NEAREST:
            continue
        c, r = seen[i, 1] / seen[i, 0], seen[i, 2] / seen[i, 0]
        left, right, top, bottom = min(left, c), max(right, c), min(top, r), max(bottom, r)
        for axis in range(3):
            j = i ^ (1 << axis)
            if seen[j, 0] >= NEAREST:
                continue
            share = (seen[i, 0] - NEAREST) / (seen[i, 0] - seen[j, 0])
            c = (seen[i, 1] + share * (seen[j, 1] - seen[i, 1])) / NEAREST
            r = (seen[i, 2] + share * (seen[j, 2] - seen[i, 2])) / NEAREST
            left, right, top, bottom = min(left, c), max(right, c), min(top, r), max(bottom, r)
    if left > right:  # all of it is behind: rays begin before the eye
        return 0, 0, 0, 0
    left, right = 0.5 * width + focal * left, 0.5 * width + focal * right
    top, bottom = 0.5 * height + focal * top, 0.5 * height + focal * bottom
    return (
        int(min(max(left - 1.0, 0.0), width)),
        int(min(max(right + 2.0, 0.0), width)),
        int(min(max(top - 1.0, 0.0), height)),
        int(min(max(bottom + 2.0, 0.0), height)),
    )


@njit(cache=True)
def is_any_before(boxes: Array, eye: Array, axes: Array, focal: float, width: int, height: int) -> bool:
    """Returns whether a corner or the middle of a box lies before the lens and inside the picture.

    Args:
        boxes: float64 (n, 11), rows of ``box_rows``.
        eye: float64 (3,).
        axes: float64 (3, 3), rows forward, right and down.
        focal: in pixels.
        width: of the picture, pixels.
        height: of the picture, pixels.
    """
    for i in range(len(boxes)):
        box = boxes[i]
        for corner in range(9):
            along, across, up = 0.0, 0.0, 0.0
            if corner < 8:
                along = box[5] if corner & 1 else -box[5]
                across = box[6] if corner & 2 else -box[6]
                up = box[7] if corner & 4 else -box[7]
            x = box[0] + box[3] * along - box[4] * across - eye[0]
            y = box[1] + box[4] * along + box[3] * across - eye[1]
            z = box[2] + up - eye[2]
            depth = axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z
            right = axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z
            down = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
            if depth > 0.0 and focal * abs(right) <= 0.5 * width * depth and focal * abs(down) <= 0.5 * height * depth:
                return True
    return False


@njit(cache=True)
def _hit(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, box: Array) -> int:
    """Returns which face the ray enters the box by: 0 top, 1 an end, 2 a side; -1 where it misses.

    Source: the slab method, Kay and Kajiya 1986.
    """
    near, far, face = NEAREST, 1e9, -1
    for axis in range(3):
        if axis == 0:
            o, d, half, name = ox, dx, box[5], 1
        elif axis == 1:
            o, d, half, name = oy, dy, box[6], 2
        else:
            o, d, half, name = oz, dz, box[7], 0
        if abs(d) < 1e-12:
            if abs(o) > half:
                return -1
            continue
        one, other = (-half - o) / d, (half - o) / d
        if one > other:
            one, other = other, one
        if one > near:
            near, face = one, name
        far = min(far, other)
        if near > far:
            return -1
    return face
