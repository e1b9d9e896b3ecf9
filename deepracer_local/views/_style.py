"""What all pictures share: colours, type sizes, and how a finished figure reaches the disk.

The colours are those of Okabe and Ito, which people with any common colour blindness can tell apart.
Figures are made without pyplot, which keeps every figure in a global list and is not safe in threads.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

INK = "#22303c"
MUTED = "#7b8794"
FAINT = "#dfe4e8"
GRASS = "#f4f6f4"
ROAD = "#e2e5e8"
BORDER = "#55606b"
BLUE = "#0072b2"
SKY = "#56b4e9"
VERMILION = "#d55e00"
ORANGE = "#e69f00"
GREEN = "#009e73"
BOX = "#b07a3c"
OTHER_CAR = BLUE
DPI = 150

SPEED_COLOURS = LinearSegmentedColormap.from_list(
    # From dark to light in even steps like "plasma", but it stops before the yellow that vanishes on a light road.
    "speed",
    ["#0d0887", "#5402a3", "#8b0aa5", "#b93289", "#db5c68", "#f48849", "#fdb32e"],
)


def make_figure(width_in: float, height_in: float) -> Figure:
    """Returns an empty figure on white of this size in inches."""
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    return Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white", layout=layout)


def tidy_axes(axes: Axes) -> None:
    """Takes away the box, keeps a faint grid, and sets the sizes of the tick labels."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, color=FAINT, linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)


def save_figure(figure: Figure, path: Path) -> None:
    """Writes ``figure`` as PNG under a temporary name and renames it, so that a reader never sees half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        figure.savefig(partial, format="png", dpi=DPI)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
