"""What becomes of a picture after it was taken: other paint, brightness, contrast, light from aside, blur."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from deepracer_local.domain import ImageArray, LookFactors
from deepracer_local.sim._scene import Scene, grey_level

Floats = npt.NDArray[np.float32]
_MIDDLE_GREY = 127.5


@dataclass(frozen=True, slots=True)
class Development:
    """How the pictures of one episode are developed.

    Other paint is a table from grey level to grey level: exact where a pixel shows one paint, and between two of them
    in proportion to what was mixed. So the painted ground is not painted again.
    """

    table: Floats
    """float32 (256,)"""
    light: float
    weights: Floats
    """float32 (n,) of the blur, from the middle outwards."""

    @classmethod
    def of(cls, look: LookFactors, scene: Scene) -> Development | None:
        """Returns the development that ``look`` asks for; None where it leaves pictures as they are."""
        if look == LookFactors():
            return None
        shifts = sorted(
            (round(grey_level(colour)), shift)
            for colour, shift in (
                (scene.road, look.road_grey),
                (scene.border, look.border_grey),
                (scene.centre_line, look.centre_line_grey),
                (scene.field, look.field_grey),
                (scene.sky, look.sky_grey),
            )
        )
        levels = np.arange(256.0)
        painted = levels + np.interp(levels, [level for level, _ in shifts], [shift for _, shift in shifts])
        painted = np.clip(painted, 0.0, 255.0)
        table = np.clip((painted - _MIDDLE_GREY) * look.contrast + _MIDDLE_GREY + look.brightness, 0.0, 255.0)
        return cls(table.astype(np.float32), look.light, _weights(look.blur_sigma_px))

    def apply(self, picture: ImageArray) -> None:
        """Develops ``picture``, uint8 (height, width), in its place."""
        _develop(picture, self.table, np.float32(self.light), self.weights)


def _weights(sigma_px: float) -> Floats:
    reach = math.ceil(3.0 * sigma_px)
    if reach == 0:
        return np.ones(1, dtype=np.float32)
    weights = np.exp(-0.5 * (np.arange(reach + 1) / sigma_px) ** 2)
    normed: Floats = (weights / (2.0 * weights.sum() - weights[0])).astype(np.float32)
    return normed


@njit(cache=True)
def _develop(picture: Any, table: Any, light: Any, weights: Any) -> None:
    """Overwrites ``picture``: table, light, blur along rows and then along columns, whose rims are repeated."""
    height, width = picture.shape
    values = np.empty((height, width), dtype=np.float32)
    one, half = np.float32(1.0), np.float32(0.5)
    slope = np.float32(2.0) * light / np.float32(width)
    for r in range(height):
        for c in range(width):
            values[r, c] = table[picture[r, c]] * (one - light + slope * (np.float32(c) + half))
    if len(weights) > 1:
        blurred = np.empty_like(values)
        for r in range(height):
            for c in range(width):
                total = weights[0] * values[r, c]
                for k in range(1, len(weights)):
                    total += weights[k] * (values[r, max(c - k, 0)] + values[r, min(c + k, width - 1)])
                blurred[r, c] = total
        for r in range(height):
            for c in range(width):
                values[r, c] = weights[0] * blurred[r, c]
            for k in range(1, len(weights)):
                above, below = max(r - k, 0), min(r + k, height - 1)
                for c in range(width):
                    values[r, c] += weights[k] * (blurred[above, c] + blurred[below, c])
    for r in range(height):
        for c in range(width):
            picture[r, c] = np.uint8(min(max(values[r, c] + half, np.float32(0.0)), np.float32(255.0)))
