"""The ground from above, painted once per track: road, borders, centre line, field; with smaller copies for afar."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageDraw

from deepracer_local.domain import FloatArray, ImageArray, IntArray
from deepracer_local.errors import TrackError
from deepracer_local.sim._scene import Colour, Scene, grey_level
from deepracer_local.track import Track

FINEST_TEXEL_M = 0.004
"""Below this a texel is smaller than the nearest pixel of the default camera."""
MAX_SURFACE_BYTES = 30_000_000
"""Texels of all levels together; larger tracks get coarser texels (100 m x 60 m: 17 mm grey)."""
FIELD_MARGIN_M = 0.30
"""Field round the track's bounding box; it is repeated for ever beyond."""
N_LEVELS = 7

_SUPERSAMPLING = 2


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A top view of the ground at ``N_LEVELS`` sizes, each half of the one before (2 x 2 box filter).

    Law: texel (row, column) of level k covers the square of side ``texel_m * 2**k`` whose lower left corner is
    ``(origin_x_m + column * side, origin_y_m + row * side)``; rows go up along y. The outermost texels of each level
    are field colour. It is read only, so that many cameras can share one.

    Attributes:
        texels: uint8 (n,) grey or (n, 3) RGB; entry 0 is the sky, then the levels one after another, row by row.
        level_start: int64 (N_LEVELS,) index of each level's first texel.
        level_columns: int64 (N_LEVELS,)
        level_rows: int64 (N_LEVELS,)
    """

    texels: ImageArray
    level_start: IntArray
    level_columns: IntArray
    level_rows: IntArray
    origin_x_m: float
    origin_y_m: float
    texel_m: float

    def level(self, k: int) -> ImageArray:
        """Returns level ``k`` as a picture, uint8 (rows, columns) or (rows, columns, 3), a view."""
        start, rows, columns = int(self.level_start[k]), int(self.level_rows[k]), int(self.level_columns[k])
        return self.texels[start : start + rows * columns].reshape(rows, columns, *self.texels.shape[1:])


def paint_surface(
    track: Track, scene: Scene, mode: Literal["grey", "rgb"] = "grey", *, texel_m: float = 0.0
) -> Surface:
    """Returns the painted ground of a track.

    Args:
        track: the road.
        scene: its colours.
        mode: grey for cameras, rgb for pictures that people look at.
        texel_m: the texel's side; 0 takes the finest that ``FINEST_TEXEL_M`` and ``MAX_SURFACE_BYTES`` allow.

    Raises:
        TrackError: the road covers no area.
    """
    low, high = _bounds(track)
    n_channels = 1 if mode == "grey" else 3
    if texel_m <= 0.0:
        texel_m = _affordable_texel_m(low, high, n_channels)
    block = 2 ** (N_LEVELS - 1)
    # Whole blocks, so that every level's 2 x 2 filter comes out even; one more, so that the coarsest rim is field.
    columns, rows = (block * (math.ceil(side / (texel_m * block)) + 2) for side in high - low)
    middle = (low + high) / 2
    origin = middle - np.array([columns, rows]) * texel_m / 2
    levels = _halvings(_paint(track, scene, mode, origin, texel_m, columns, rows))
    sky = np.array(_tone(scene.sky, mode), dtype=np.uint8).reshape(1, *levels[0].shape[2:])
    texels = np.concatenate([sky, *(level.reshape(-1, *level.shape[2:]) for level in levels)])
    texels.flags.writeable = False
    sizes = np.array([level.shape[0] * level.shape[1] for level in levels], dtype=np.int64)
    return Surface(
        texels=texels,
        level_start=1 + np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.int64),
        level_columns=np.array([level.shape[1] for level in levels], dtype=np.int64),
        level_rows=np.array([level.shape[0] for level in levels], dtype=np.int64),
        origin_x_m=float(origin[0]),
        origin_y_m=float(origin[1]),
        texel_m=texel_m,
    )


def _bounds(track: Track) -> tuple[FloatArray, FloatArray]:
    points = np.concatenate([track.centre_m, track.inner_m, track.outer_m])
    low, high = points.min(axis=0), points.max(axis=0)
    if not (np.isfinite(low).all() and np.isfinite(high).all() and (high > low).all()):
        raise TrackError(
            f"Expected a road that covers an area, got one from {low.tolist()} to {high.tolist()} m; "
            "check the track's border columns."
        )
    return low - FIELD_MARGIN_M, high + FIELD_MARGIN_M


def _affordable_texel_m(low: FloatArray, high: FloatArray, n_channels: int) -> float:
    # All levels together hold 4/3 of the first one's texels; two coarse blocks of rim are counted with 5 %.
    area_m2 = float(np.prod(high - low)) * 1.05
    return max(FINEST_TEXEL_M, math.sqrt(area_m2 * n_channels * 4.0 / 3.0 / MAX_SURFACE_BYTES))


def _paint(
    track: Track, scene: Scene, mode: str, origin: FloatArray, texel_m: float, columns: int, rows: int
) -> ImageArray:
    dot_m = texel_m / _SUPERSAMPLING
    size = (columns * _SUPERSAMPLING, rows * _SUPERSAMPLING)
    image_mode = "L" if mode == "grey" else "RGB"
    # The road's mask keeps the border lines inside the border, whatever their width.
    mask = Image.new("1", size, 0)
    _fill_road(ImageDraw.Draw(mask), track, origin, dot_m)
    road = Image.new(image_mode, size, _tone(scene.road, mode))
    draw = ImageDraw.Draw(road)
    for border in _borders(track):
        _stroke(draw, _to_dots(border, origin, dot_m), 2.0 * scene.border_width_m / dot_m, _tone(scene.border, mode))
    for dash in _dashes(track, scene):
        _stroke(draw, _to_dots(dash, origin, dot_m), scene.centre_line_width_m / dot_m, _tone(scene.centre_line, mode))
    picture = Image.new(image_mode, size, _tone(scene.field, mode))
    picture.paste(road, mask=mask)
    return np.asarray(picture.reduce(_SUPERSAMPLING))


def _tone(colour: Colour, mode: str) -> Any:
    return colour if mode == "rgb" else round(grey_level(colour))


def _to_dots(points_m: FloatArray, origin: FloatArray, dot_m: float) -> list[tuple[float, float]]:
    # Pillow takes the integer coordinate as the pixel's centre.
    dots = (points_m - origin) / dot_m - 0.5
    return [(float(x), float(y)) for x, y in dots]


def _fill_road(draw: ImageDraw.ImageDraw, track: Track, origin: FloatArray, dot_m: float) -> None:
    if not track.is_closed:
        draw.polygon(_to_dots(np.concatenate([track.inner_m, track.outer_m[::-1]]), origin, dot_m), fill=1)
        return
    # The larger ring is the outside, whichever of the two the file calls so.
    hole, hull = sorted((track.inner_m, track.outer_m), key=_ring_area)
    draw.polygon(_to_dots(hull, origin, dot_m), fill=1)
    draw.polygon(_to_dots(hole, origin, dot_m), fill=0)


def _ring_area(ring: FloatArray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2.0


def _borders(track: Track) -> Iterator[FloatArray]:
    for border in (track.inner_m, track.outer_m):
        yield np.concatenate([border, border[:1]]) if track.is_closed else border


def _stroke(draw: ImageDraw.ImageDraw, dots: list[tuple[float, float]], width: float, tone: Any) -> None:
    half = width / 2.0
    for (ax, ay), (bx, by) in itertools.pairwise(dots):
        length = math.hypot(bx - ax, by - ay)
        if length == 0.0:
            continue
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        draw.polygon([(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)], fill=tone)
    for x, y in dots[1:-1]:  # round joints; the ends stay square
        draw.ellipse([x - half, y - half, x + half, y + half], fill=tone)
    if dots[0] == dots[-1]:
        x, y = dots[0]
        draw.ellipse([x - half, y - half, x + half, y + half], fill=tone)


def _dashes(track: Track, scene: Scene) -> Iterator[FloatArray]:
    """Yields the pieces of the centre line that are painted, each float64 (k, 2)."""
    line = np.concatenate([track.centre_m, track.centre_m[:1]]) if track.is_closed else track.centre_m
    s_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    length_m = float(s_m[-1])
    if scene.gap_m <= 0.0:
        yield line
        return
    period_m = length_m / max(1, round(length_m / (scene.dash_m + scene.gap_m)))
    dash_m = period_m * scene.dash_m / (scene.dash_m + scene.gap_m)
    for start_m in np.arange(0.0, length_m - 1e-9, period_m):
        end_m = min(start_m + dash_m, length_m)
        at_m = np.concatenate([[start_m], s_m[(s_m > start_m) & (s_m < end_m)], [end_m]])
        yield np.column_stack([np.interp(at_m, s_m, line[:, 0]), np.interp(at_m, s_m, line[:, 1])])


def _halvings(finest: ImageArray) -> list[ImageArray]:
    levels = [finest]
    for _ in range(N_LEVELS - 1):
        levels.append(np.asarray(Image.fromarray(levels[-1]).reduce(2)))
    return levels
