"""A video frame with what a racer wants to read in it: lap, time, speed, and what the car itself sees."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deepracer_local.domain import ImageArray

_SHADE = (16, 22, 28, 165)
_TEXT = (255, 255, 255, 255)
_RIM = (255, 255, 255, 235)
_MARGIN_PX = 10


def add_overlay(frame: ImageArray, fields: Sequence[str], *, onboard: ImageArray | None = None) -> ImageArray:
    """Returns a new frame: ``frame`` with a strip of text along the bottom and the camera's picture at the top right.

    Args:
        frame: uint8 (height, width, 3), RGB; not changed.
        fields: short texts, for example ``["lap 2 of 3", "6.40 s", "1.02 m/s"]``; each has a column of its own, so
            that nothing jumps from frame to frame when a number gets longer.
        onboard: uint8 (h, w) grey or (h, w, 3), what the policy sees; every pixel of it is shown, enlarged by a
            whole number where that fits a third of the width.
    """
    picture = Image.fromarray(frame).convert("RGBA")
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    if fields:
        _draw_strip(layer, fields)
    if onboard is not None:
        _paste_onboard(layer, onboard)
    return np.asarray(Image.alpha_composite(picture, layer).convert("RGB")).copy()


def _draw_strip(layer: Image.Image, fields: Sequence[str]) -> None:
    draw = ImageDraw.Draw(layer)
    size_px = max(11, min(layer.height // 24, layer.width // 42))
    top_px = layer.height - 2 * size_px
    draw.rectangle((0, top_px, layer.width, layer.height), fill=_SHADE)
    column_px = (layer.width - 2 * _MARGIN_PX) / len(fields)
    for i, text in enumerate(fields):
        at = (_MARGIN_PX + round(i * column_px), top_px + size_px)
        draw.text(at, text, font=_font(size_px), fill=_TEXT, anchor="lm")


@lru_cache(maxsize=4)
def _font(size_px: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size_px)


def _paste_onboard(layer: Image.Image, onboard: ImageArray) -> None:
    scale = max(1, layer.width // 3 // onboard.shape[1])
    enlarged = Image.fromarray(onboard.repeat(scale, axis=0).repeat(scale, axis=1)).convert("RGBA")
    x_px, y_px = layer.width - enlarged.width - _MARGIN_PX, _MARGIN_PX
    rim = (x_px - 2, y_px - 2, x_px + enlarged.width + 1, y_px + enlarged.height + 1)
    ImageDraw.Draw(layer).rectangle(rim, fill=_RIM)
    layer.paste(enlarged, (x_px, y_px))
