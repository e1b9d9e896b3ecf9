"""The road as a drawing: asphalt, borders, centre line, start line, direction and scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from deepracer_local.domain import FloatArray, RoadObject
from deepracer_local.track import Track
from deepracer_local.views._style import BORDER, BOX, INK, MUTED, OTHER_CAR, ROAD


def draw_road(axes: Axes, track: Track) -> None:
    """Draws ``track`` in metres and removes ticks and box; the scale bar takes their place."""
    axes.add_patch(PathPatch(_asphalt(track), facecolor=ROAD, edgecolor="none", zorder=1))
    for border in (track.inner_m, track.outer_m):
        line = _close(border) if track.is_closed else border
        axes.plot(line[:, 0], line[:, 1], color=BORDER, linewidth=1.3, solid_joinstyle="round", zorder=2)
    centre = _close(track.centre_m) if track.is_closed else track.centre_m
    axes.plot(centre[:, 0], centre[:, 1], color="white", linewidth=1.1, dashes=(5, 4), zorder=2)
    _draw_line_across(axes, track, 0.0, colour=INK)
    if not track.is_closed:
        _draw_line_across(axes, track, track.length_m, colour=MUTED)
    _draw_direction(axes, track)
    _frame(axes, track)


def draw_objects(axes: Axes, objects: Sequence[RoadObject], *, above: int = 2) -> None:
    """Draws boxes and other cars as rectangles of their size, over what is drawn as far up as ``above``."""
    for item in objects:
        pose = item.pose
        rectangle = Rectangle(
            (pose.x_m - 0.5 * item.length_m, pose.y_m - 0.5 * item.width_m),
            item.length_m,
            item.width_m,
            angle=math.degrees(pose.yaw_rad),
            rotation_point="center",
            facecolor=BOX if item.kind == "box" else OTHER_CAR,
            edgecolor="white",
            linewidth=0.8,
            zorder=above + 1,
        )
        axes.add_patch(rectangle)


def extent_m(track: Track) -> tuple[float, float]:
    """Returns the width and height of the drawing in metres, margins included."""
    low, high, margin = _box(track)
    size = high - low + 2 * margin
    return float(size[0]), float(size[1])


def _box(track: Track) -> tuple[FloatArray, FloatArray, float]:
    points = np.concatenate([track.inner_m, track.outer_m])
    return points.min(axis=0), points.max(axis=0), 0.7 * track.mean_width_m


def _frame(axes: Axes, track: Track) -> None:
    low, high, margin = _box(track)
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - margin, high[1] + margin)
    axes.set_aspect("equal")
    axes.set_axis_off()
    length_m = _round_length(0.16 * float(high[0] - low[0] + 2 * margin))
    x_m, y_m = low[0] - 0.6 * margin, low[1] - 0.62 * margin
    axes.plot([x_m, x_m + length_m], [y_m, y_m], color=INK, linewidth=2.0, solid_capstyle="butt", zorder=6)
    axes.annotate(
        f"{length_m:g} m",
        (x_m + length_m, y_m),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=INK,
    )


def _round_length(about_m: float) -> float:
    """Returns the longest of 1, 2, 5 times a power of ten that is not above ``about_m``."""
    power = 10.0 ** math.floor(math.log10(about_m))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= about_m * (1 + 1e-9))


def _close(ring: FloatArray) -> FloatArray:
    return np.concatenate([ring, ring[:1]])


def _signed_area(ring: FloatArray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _asphalt(track: Track) -> Outline:
    if not track.is_closed:
        return Outline(_close(np.concatenate([track.inner_m, track.outer_m[::-1]])), closed=True)
    inner, outer = track.inner_m, track.outer_m
    if _signed_area(inner) * _signed_area(outer) > 0:
        inner = inner[::-1]  # a hole is a ring that runs against its outline
    return Outline.make_compound_path(Outline(_close(outer), closed=True), Outline(_close(inner), closed=True))


def _nearest_on(line: FloatArray, x_m: float, y_m: float) -> FloatArray:
    """Returns the point of the polyline ``line`` nearest to (x_m, y_m)."""
    start, step = line[:-1], np.diff(line, axis=0)
    squared = np.maximum(np.sum(step * step, axis=1), 1e-12)
    share = np.clip(np.sum((np.array([x_m, y_m]) - start) * step, axis=1) / squared, 0.0, 1.0)
    points = start + share[:, None] * step
    nearest: FloatArray = points[np.argmin(np.hypot(points[:, 0] - x_m, points[:, 1] - y_m))]
    return nearest


def _ends_across(track: Track, s_m: float) -> tuple[FloatArray, FloatArray]:
    x_m, y_m, _ = track.point_at(s_m)
    inner = _close(track.inner_m) if track.is_closed else track.inner_m
    outer = _close(track.outer_m) if track.is_closed else track.outer_m
    return _nearest_on(inner, x_m, y_m), _nearest_on(outer, x_m, y_m)


def _draw_line_across(axes: Axes, track: Track, s_m: float, *, colour: str) -> None:
    inner, outer = _ends_across(track, s_m)
    ends = np.stack([inner, outer])
    axes.plot(ends[:, 0], ends[:, 1], color="white", linewidth=4.5, solid_capstyle="butt", zorder=3)
    axes.plot(ends[:, 0], ends[:, 1], color=colour, linewidth=4.5, dashes=(0.8, 0.8), zorder=3)


def _draw_direction(axes: Axes, track: Track) -> None:
    """Draws an arrow in driving direction outside the outer border, beside the start line."""
    x_m, y_m, yaw_rad = track.point_at(0.0)
    outer = _ends_across(track, 0.0)[1]
    beside = outer + 0.32 * (outer - np.array([x_m, y_m]))
    along = np.array([math.cos(yaw_rad), math.sin(yaw_rad)]) * 0.9 * track.mean_width_m
    axes.annotate(
        "",
        beside + along,
        xytext=beside,
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.6, "mutation_scale": 13, "shrinkA": 0},
        zorder=6,
    )
