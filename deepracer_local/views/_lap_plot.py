"""Laps on the track, coloured by speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize

from deepracer_local.domain import FloatArray, RoadObject
from deepracer_local.errors import InvalidInputError
from deepracer_local.track import Track
from deepracer_local.views._lap_trace import LapTrace
from deepracer_local.views._road import draw_objects, draw_road, extent_m
from deepracer_local.views._style import INK, MUTED, SPEED_COLOURS, VERMILION, make_figure, save_figure

MIN_SPEED_SPAN_MPS = 0.4
"""Colours spread over at least this much, so that the ripple of a steady speed does not look like braking."""
MAX_LISTED_LAPS = 6


def draw_laps(track: Track, laps: Sequence[LapTrace], path: Path, *, objects: Sequence[RoadObject] = ()) -> None:
    """Writes a PNG of ``laps`` on ``track``: colour is speed, rings are steps with a wheel off the track.

    The fastest clean lap is drawn last and thickest. Where an attempt ended early there is a cross. ``objects`` are
    drawn where they stand, other cars where they began.

    Raises:
        InvalidInputError: there is no lap to draw.
    """
    if not laps:
        raise InvalidInputError("Expected at least one lap to draw, got none. Drive a lap first.")
    width_in, height_in = _size_in(track)
    figure = make_figure(width_in, height_in)
    axes = figure.add_subplot(anchor="NW")
    draw_road(axes, track)
    draw_objects(axes, objects)
    norm = _speed_norm(laps)
    best = _best(laps)
    for lap in sorted(laps, key=lambda lap: lap is best):
        _draw_lap(axes, lap, norm, is_best=lap is best)
    bar = figure.colorbar(
        ScalarMappable(norm, SPEED_COLOURS), ax=axes, shrink=0.72, aspect=28, pad=0.015, extend="both", extendfrac=0.03
    )
    bar.set_label("speed (m/s)", color=INK, fontsize=10)
    bar.ax.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)
    bar.outline.set_visible(False)
    axes.set_title(f"{track.title or track.name}\n", loc="left", fontsize=14, fontweight="bold", color=INK)
    axes.text(0.0, 1.012, _summary(laps), transform=axes.transAxes, fontsize=10.5, color=INK, va="bottom")
    _draw_legend(axes, laps)
    save_figure(figure, path)


def _size_in(track: Track) -> tuple[float, float]:
    """Returns a figure size whose drawing area has the track's proportions, within what a screen shows well."""
    width_m, height_m = extent_m(track)
    scale = min(9.0 / width_m, 8.0 / height_m)
    return max(width_m * scale, 5.5) + 1.2, max(height_m * scale, 2.2) + 0.75


def _speed_norm(laps: Sequence[LapTrace]) -> Normalize:
    """Returns the colour scale: the middle 96 % of all speeds, so that a standing start does not take half of it."""
    speeds = np.concatenate([lap.speed_mps for lap in laps])
    low, high = (float(value) for value in np.percentile(speeds, [2, 98]))
    missing = max(0.0, MIN_SPEED_SPAN_MPS - (high - low))
    return Normalize(low - missing / 2, high + missing / 2)


def _best(laps: Sequence[LapTrace]) -> LapTrace | None:
    return min((lap for lap in laps if lap.is_clean), key=lambda lap: lap.time_s, default=None)


def _draw_lap(axes: Axes, lap: LapTrace, norm: Normalize, *, is_best: bool) -> None:
    points: FloatArray = np.stack([lap.x_m, lap.y_m], axis=1)
    segments = np.stack([points[:-1], points[1:]], axis=1)
    width = 3.2 if is_best else 1.7
    order = 4.5 if is_best else 4.0
    is_driven = ~lap.is_set_back[1:]
    # A white rim keeps lines apart where laps cross. It ends where the car was set back.
    breaks = np.flatnonzero(~is_driven) + 1
    x_m, y_m = (np.insert(values, breaks, math.nan) for values in (lap.x_m, lap.y_m))
    axes.plot(x_m, y_m, color="white", linewidth=width + 1.6, solid_capstyle="round", zorder=order)
    lines = LineCollection(list(segments[is_driven]), cmap=SPEED_COLOURS, norm=norm, linewidths=width, capstyle="round")
    lines.set_array(((lap.speed_mps[:-1] + lap.speed_mps[1:]) / 2)[is_driven])
    lines.set_zorder(order)
    axes.add_collection(lines, autolim=False)
    off = ~lap.is_on_track
    axes.scatter(lap.x_m[off], lap.y_m[off], s=20, facecolors="white", edgecolors=VERMILION, linewidths=1.2, zorder=5)
    if not lap.is_clean:
        axes.scatter(lap.x_m[-1:], lap.y_m[-1:], s=130, marker="X", color=VERMILION, edgecolors="white", zorder=6)


def _summary(laps: Sequence[LapTrace]) -> str:
    n_clean = sum(lap.is_clean for lap in laps)
    if len(laps) <= MAX_LISTED_LAPS:
        lines = [
            f"{lap.time_s:.2f} s" if lap.is_clean else f"{lap.outcome.label.lower()} after {lap.time_s:.1f} s"
            for lap in laps
        ]
        return ("lap " if len(laps) == 1 else f"{len(laps)} laps:  ") + "  ·  ".join(lines)
    best = _best(laps)
    fastest = f", fastest {best.time_s:.2f} s" if best else ""
    return f"{n_clean} of {len(laps)} laps clean{fastest}"


def _draw_legend(axes: Axes, laps: Sequence[LapTrace]) -> None:
    handles = []
    if any(not lap.is_on_track.all() for lap in laps):
        handles += axes.plot(
            [math.nan],
            [math.nan],
            linestyle="none",
            marker="o",
            markersize=5.5,
            markerfacecolor="white",
            markeredgecolor=VERMILION,
            label="a wheel off the track",
        )
    if any(not lap.is_clean for lap in laps):
        handles += axes.plot(
            [math.nan], [math.nan], linestyle="none", marker="X", markersize=9, color=VERMILION, label="ended here"
        )
    if handles:
        axes.legend(handles=handles, loc="lower right", frameon=False, fontsize=9, ncols=2, borderaxespad=0.0)
