"""What a reward function pays, painted on the road."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Colormap, ListedColormap, Normalize

from deepracer_local.domain import FloatArray, RoadObject
from deepracer_local.track import Track
from deepracer_local.views._road import draw_objects, draw_road, extent_m
from deepracer_local.views._style import INK, MUTED, make_figure, save_figure

_MIN_SPAN = 1e-6
"""A flat reward still gets a scale."""
_LAPS_Z = 5
"""How far up the dots of the laps are drawn."""


def draw_rewards(
    track: Track, preview: dict[str, Any], path: Path, *, title: str, objects: Sequence[RoadObject] = ()
) -> None:
    """Writes a PNG of a preview: the grid of places along the road, the laps step by step, and the laps' totals.

    Args:
        track: the one that was previewed, in driving direction.
        preview: ``laps``, ``grid``, ``scale_low`` and ``scale_high`` as ``POST /reward-functions/preview`` gives them.
        path: of the picture.
        title: what is painted.
        objects: on the road at the start.
    """
    low, high = preview["scale_low"] or 0.0, preview["scale_high"] or 0.0
    norm = Normalize(low, max(high, low + _MIN_SPAN))
    colours = _colours()
    width_m, height_m = extent_m(track)
    map_in = min(7.5, 5.0 * width_m / height_m)
    figure = make_figure(2 * map_in + 1.4, map_in * height_m / width_m + 2.6)
    panels = figure.subplots(2, 2, height_ratios=[map_in * height_m / width_m, 1.6])
    for axes, name in zip(panels[0], ("on the road, facing forward", "on the laps"), strict=True):
        draw_road(axes, track)
        axes.set_title(name, loc="left", fontsize=11, color=INK)
    _draw_grid(panels[0][0], preview["grid"], norm, colours, is_closed=track.is_closed)
    for lap in preview["laps"]:
        paid = [(x, y, r) for x, y, r in zip(lap["x"], lap["y"], lap["reward"], strict=True) if r is not None]
        points = np.array(paid).reshape(-1, 3)
        panels[0][1].scatter(points[:, 0], points[:, 1], c=points[:, 2], cmap=colours, norm=norm, s=9, zorder=_LAPS_Z)
    for axes in panels[0]:
        draw_objects(axes, objects, above=_LAPS_Z)
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=list(panels[0]), shrink=0.8, aspect=28, extend="both")
    bar.set_label("reward per step", color=INK, fontsize=10)
    bar.ax.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)
    _draw_totals(panels[1][0], preview["laps"], "total", "reward of the whole lap")
    _draw_totals(panels[1][1], preview["laps"], "mean", "reward per step, mean")
    figure.suptitle(f"{title} on {track.title or track.name}", fontsize=14, fontweight="bold", color=INK)
    save_figure(figure, path)


def _colours() -> Colormap:
    """Returns cividis without its darkest and lightest ends, which vanish beside borders and on white.

    Source: J. R. Nuñez, C. R. Anderton, R. S. Renslow, PLoS ONE 13(7), 2018: even for all common colour blindness.
    """
    return ListedColormap(colormaps["cividis"](np.linspace(0.04, 0.97, 256)), "reward")


def _draw_grid(axes: Axes, grid: dict[str, Any], norm: Normalize, colours: Colormap, *, is_closed: bool) -> None:
    shape = (grid["n_along"], len(grid["lanes"]))
    places = np.stack([grid["x"], grid["y"]], axis=-1).reshape(*shape, 2)
    rewards = np.array([np.nan if it is None else it for it in grid["reward"][0]]).reshape(shape)
    corners = _corners(places, is_closed=is_closed)
    cells, paid = [], []
    for i in range(shape[0]):
        for j in range(shape[1]):
            cells.append([corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]])
            paid.append(rewards[i, j])
    painted = PolyCollection(cells, array=np.array(paid), cmap=colours, norm=norm, edgecolors="face", zorder=1.5)
    axes.add_collection(painted, autolim=False)


def _corners(places: FloatArray, *, is_closed: bool) -> FloatArray:
    """Returns float64 (n + 1, m + 1, 2): the corners of the cells around ``places``, float64 (n, m, 2)."""
    if is_closed:
        along = np.concatenate([places[-1:], places, places[:1]])
    else:
        along = np.concatenate([2 * places[:1] - places[1:2], places, 2 * places[-1:] - places[-2:-1]])
    wide = np.concatenate([2 * along[:, :1] - along[:, 1:2], along, 2 * along[:, -1:] - along[:, -2:-1]], axis=1)
    corners: FloatArray = 0.25 * (wide[:-1, :-1] + wide[1:, :-1] + wide[:-1, 1:] + wide[1:, 1:])
    return corners


def _draw_totals(axes: Axes, laps: Sequence[dict[str, Any]], key: str, label: str) -> None:
    values = [lap[key] or 0.0 for lap in laps]
    bars = axes.barh([lap["title"] for lap in laps], values, color="#5b7a9d", height=0.62)
    axes.invert_yaxis()
    axes.bar_label(bars, [f"{value:.4g}" for value in values], padding=3, fontsize=9, color=INK)
    axes.margins(x=0.15)
    axes.set_title(label, loc="left", fontsize=10, color=INK)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xticks([])
