"""The portrait of a track, as a PNG."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, PathPatch, Polygon
from matplotlib.path import Path as Outline

from deepracer_local.domain import FloatArray
from deepracer_local.track import Track

FIELD, ROAD, BORDER, CENTRE = "#dfe7d3", "#454b54", "#fbfbf7", "#f4b942"
KERB_RED, INK, ARROW = "#c8372d", "#23282e", "#3fa7d6"
KERB_RADIUS_M = 1.6
"""Bends tighter than this have red and white kerbs on the inside."""
KERB_STRIPE_M = 0.12
MARGIN_M = 0.5
LONG_SIDE_INCH = 10.0


def save_track_picture(track: Track, path: Path, *, dpi: int = 130) -> None:
    """Writes the picture of a track, seen from above in driving order, as a PNG file."""
    figure = track_figure(track)
    figure.savefig(path, dpi=dpi, format="png")


def track_figure(track: Track) -> Figure:
    """Returns the figure: road, borders, kerbs, dashed centre line, start line, direction, scale bar and title."""
    corners = np.vstack([track.inner_m, track.outer_m])
    low, high = corners.min(axis=0) - MARGIN_M, corners.max(axis=0) + MARGIN_M
    short_m = 0.22 * float(max(high - low))
    low[1], high[1] = min(low[1], (low + high)[1] / 2 - short_m), max(high[1], (low + high)[1] / 2 + short_m)
    low[0], high[0] = min(low[0], (low + high)[0] / 2 - short_m), max(high[0], (low + high)[0] / 2 + short_m)
    span = high - low
    scale = LONG_SIDE_INCH / float(span.max())
    width_inch, height_inch = max(scale * float(span[0]), 6.0), scale * float(span[1])
    head_inch, foot_inch = 0.75, 0.55
    total_inch = height_inch + head_inch + foot_inch
    figure = Figure(figsize=(width_inch, total_inch), facecolor=FIELD)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, foot_inch / total_inch, 1, height_inch / total_inch))
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect("equal", adjustable="datalim")
    axes.axis("off")
    _draw_road(axes, track)
    _draw_kerbs(axes, track, points_per_m=72 * scale)
    _draw_start(axes, track)
    figure.text(
        0.3 / width_inch, 1 - 0.28 / total_inch, _heading(track), size=17, weight="bold", color=INK, va="center"
    )
    figure.text(0.3 / width_inch, 1 - 0.58 / total_inch, _facts(track), size=11, color=INK, va="center")
    _draw_scale_bar(figure, scale=scale, width_inch=width_inch, total_inch=total_inch)
    return figure


def _heading(track: Track) -> str:
    return track.title or track.name


def _facts(track: Track) -> str:
    radius = f"  ·  tightest radius {track.min_radius_m:.2f} m" if math.isfinite(track.min_radius_m) else ""
    size = f"{track.length_m:.2f} m long  ·  {track.mean_width_m:.2f} m wide"
    return f"{track.name}  ·  {size}  ·  {track.direction}{radius}"


def _line(ring: FloatArray, *, is_closed: bool) -> FloatArray:
    return np.vstack([ring, ring[:1]]) if is_closed else ring


def _draw_road(axes: Axes, track: Track) -> None:
    if track.is_closed:
        rings = [_line(ring, is_closed=True) for ring in (track.outer_m, track.inner_m)]
        codes = [[Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings]
        # The two rings run opposite ways, so that the inside of the inner one is a hole.
        rings[1] = rings[1][::-1]
        axes.add_patch(PathPatch(Outline(np.vstack(rings), np.concatenate(codes)), facecolor=ROAD, edgecolor="none"))
    else:
        axes.add_patch(Polygon(np.vstack([track.inner_m, track.outer_m[::-1]]), facecolor=ROAD, edgecolor="none"))
    for ring in (track.inner_m, track.outer_m):
        axes.plot(*_line(ring, is_closed=track.is_closed).T, color=BORDER, lw=2.2, solid_joinstyle="round", zorder=2)
    centre = _line(track.centre_m, is_closed=track.is_closed)
    axes.plot(*centre.T, color=CENTRE, lw=1.3, dashes=(7, 6), zorder=3)


def _draw_kerbs(axes: Axes, track: Track, *, points_per_m: float) -> None:
    """Draws red and white stripes along the inside of tight bends."""
    half_m = 0.5 * track.mean_width_m
    stations_m = np.arange(0.0, track.length_m, KERB_STRIPE_M)
    reach_m = 0.3
    poses = np.array([track.point_at(s) for s in stations_m])
    turns = np.array([track.point_at(s + reach_m)[2] - track.point_at(s - reach_m)[2] for s in stations_m])
    curvature = (turns + math.pi) % math.tau - math.pi
    curvature /= 2 * reach_m
    stripes, colours = [], []
    for i, (x, y, yaw) in enumerate(poses):
        if abs(curvature[i]) * KERB_RADIUS_M < 1:
            continue
        side_m = math.copysign(half_m, curvature[i])
        middle = np.array([x - side_m * math.sin(yaw), y + side_m * math.cos(yaw)])
        reach = 0.5 * KERB_STRIPE_M * (1 - half_m * abs(curvature[i]))
        along = np.array([math.cos(yaw), math.sin(yaw)]) * reach
        stripes.append([middle - along, middle + along])
        colours.append(KERB_RED if i % 2 else BORDER)
    axes.add_collection(
        LineCollection(stripes, colors=colours, linewidths=max(0.06 * points_per_m, 3.0), capstyle="butt", zorder=4)
    )


def _draw_start(axes: Axes, track: Track) -> None:
    """Draws a chequered line across the first row and an arrow from it in driving direction."""
    x, y, yaw = track.start_pose(0.0)
    along, across = np.array([math.cos(yaw), math.sin(yaw)]), np.array([-math.sin(yaw), math.cos(yaw)])
    n_squares, n_lines = 8, 2
    square_m = track.mean_width_m / n_squares
    corner = np.array([x, y]) - 0.5 * track.mean_width_m * across
    for i in range(n_squares):
        for j in range(n_lines):
            a = corner + i * square_m * across + j * square_m * along
            outline = [a, a + square_m * across, a + square_m * (across + along), a + square_m * along]
            axes.add_patch(Polygon(outline, facecolor=("white", "black")[(i + j) % 2], edgecolor="none", zorder=5))
    tail = np.array([x, y]) + (n_lines + 0.8) * square_m * along
    tip = tail + max(0.9, 1.1 * track.mean_width_m) * along
    axes.add_patch(
        FancyArrowPatch(
            tuple(tail),
            tuple(tip),
            arrowstyle="simple,head_width=9,head_length=9,tail_width=3.4",
            color=ARROW,
            zorder=6,
        )
    )


def _draw_scale_bar(figure: Figure, *, scale: float, width_inch: float, total_inch: float) -> None:
    length_m = next(m for m in (50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1) if m * scale < 0.25 * width_inch)
    axes = figure.add_axes((0, 0, 1, 0.55 / total_inch))
    axes.set_xlim(0, width_inch)
    axes.set_ylim(0, 0.55)
    axes.axis("off")
    left, right, level = 0.3, 0.3 + length_m * scale, 0.28
    axes.plot([left, right], [level, level], color=INK, lw=2, solid_capstyle="butt")
    for x in (left, right):
        axes.plot([x, x], [level - 0.06, level + 0.06], color=INK, lw=2)
    axes.text(right + 0.12, level, f"{length_m:g} m", color=INK, size=11, va="center")
