"""What the network saw, as it saw it: every pixel and every number of an observation, enlarged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from deepracer_local.domain import ImageArray

WIDTH_PX = 672
"""Four pictures of 160 pixels and the gaps between them."""
_BARS_PX, _LABEL_PX, _GAP_PX = 110, 18, 8
_GROUND, _BAR, _AXIS, _INK = (24, 29, 35), (96, 190, 240), (90, 100, 112), (225, 230, 235)


class SeenBy(NamedTuple):
    """What one sensor showed."""

    name: str
    values: npt.NDArray[Any]
    """uint8 (height, width, channels), or numbers (n,)."""
    low: float
    """The least that a number can be."""
    high: float


def draw_observation(seen: Sequence[SeenBy], *, foot_px: int = 0) -> ImageArray:
    """Returns uint8 (height, width, 3), at least 672 wide: enlarged pictures, and numbers as bars beneath.

    The pictures of one sensor stand side by side, in the order of the observation: the oldest first, left before right.

    Args:
        seen: of each sensor.
        foot_px: so much room is left free at the bottom.
    """
    ordered = sorted(seen, key=lambda one: one.values.ndim, reverse=True)
    blocks = [_pictures(one.values) if one.values.ndim == 3 else _bars(one) for one in ordered]
    width_px = max(block.shape[1] for block in blocks)
    height_px = sum(block.shape[0] + _GAP_PX for block in blocks) - _GAP_PX
    canvas = np.full((height_px + foot_px, width_px, 3), _GROUND, dtype=np.uint8)
    top = 0
    for block in blocks:
        left = (width_px - block.shape[1]) // 2
        canvas[top : top + block.shape[0], left : left + block.shape[1]] = block
        top += block.shape[0] + _GAP_PX
    return canvas


def _pictures(values: npt.NDArray[Any]) -> ImageArray:
    height, width, n = values.shape
    n_columns = n if n == 1 else 2 if n <= 4 else 4  # a pair stays side by side
    scale = max(1, (WIDTH_PX - (n_columns - 1) * _GAP_PX) // (n_columns * width))
    column_px, row_px = width * scale + _GAP_PX, height * scale + _GAP_PX
    n_rows = math.ceil(n / n_columns)
    block_width = max(WIDTH_PX, n_columns * column_px - _GAP_PX)
    block = np.full((n_rows * row_px - _GAP_PX, block_width, 3), _GROUND, dtype=np.uint8)
    left = (block_width + _GAP_PX - n_columns * column_px) // 2
    for i in range(n):
        large = values[:, :, i].repeat(scale, axis=0).repeat(scale, axis=1)
        y, x = i // n_columns * row_px, left + i % n_columns * column_px
        block[y : y + row_px - _GAP_PX, x : x + column_px - _GAP_PX] = large[:, :, np.newaxis]
    return block


def _bars(one: SeenBy) -> ImageArray:
    """Draws each number as a bar from zero, or from the lowest value where zero is below it."""
    image = Image.new("RGB", (WIDTH_PX, _LABEL_PX + _BARS_PX), _GROUND)
    draw = ImageDraw.Draw(image)
    draw.text((6, 2), one.name, font=ImageFont.load_default(12), fill=_INK)
    zero = min(max(0.0, one.low), one.high)

    def y_of(value: float) -> float:
        return _LABEL_PX + _BARS_PX - 3 - (_BARS_PX - 6) * (value - one.low) / (one.high - one.low)

    width = WIDTH_PX / len(one.values)
    for i, value in enumerate(one.values.tolist()):
        top, bottom = sorted((y_of(value), y_of(zero)))
        draw.rectangle((i * width + 1, top, (i + 1) * width - 2, bottom), fill=_BAR)
    draw.line((0, y_of(zero), WIDTH_PX, y_of(zero)), fill=_AXIS)
    return np.array(image)
