"""Laps side by side, each on a track of its own, in one scale of speed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize

from deepracer_local.errors import InvalidInputError
from deepracer_local.track import Track
from deepracer_local.views._lap_trace import LapTrace
from deepracer_local.views._road import draw_road, extent_m
from deepracer_local.views._style import INK, MUTED, SPEED_COLOURS, make_figure, save_figure


def draw_side_by_side(track: Track, laps: Sequence[tuple[str, LapTrace]], path: Path) -> None:
    """Writes a PNG with a panel for each lap: its heading, its time, and its line, coloured by speed.

    Raises:
        InvalidInputError: there is no lap to draw.
    """
    if not laps:
        raise InvalidInputError("Expected at least one lap to draw, got none. Drive a lap first.")
    width_m, height_m = extent_m(track)
    scale = min(5.6 / width_m, 8.0 / height_m)
    figure = make_figure(width_m * scale * len(laps) + 1.4, height_m * scale + 0.8)
    panels = figure.subplots(1, len(laps), squeeze=False)[0]
    norm = Normalize(0.0, max(float(lap.speed_mps.max()) for _, lap in laps))
    for axes, (heading, lap) in zip(panels, laps, strict=True):
        draw_road(axes, track)
        points = np.stack([lap.x_m, lap.y_m], axis=1)
        segments = np.stack([points[:-1], points[1:]], axis=1)
        lines = LineCollection(list(segments), cmap=SPEED_COLOURS, norm=norm, linewidths=3.0, capstyle="round")
        lines.set_array((lap.speed_mps[:-1] + lap.speed_mps[1:]) / 2)
        lines.set_zorder(4.5)
        axes.add_collection(lines, autolim=False)
        axes.set_title(f"{heading}: {lap.time_s:.2f} s", loc="left", fontsize=11, fontweight="bold", color=INK)
    bar = figure.colorbar(ScalarMappable(norm, SPEED_COLOURS), ax=list(panels), shrink=0.8, aspect=28, pad=0.015)
    bar.set_label("speed (m/s)", color=INK, fontsize=10)
    bar.ax.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)
    bar.outline.set_visible(False)
    save_figure(figure, path)
