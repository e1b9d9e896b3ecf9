"""Roads made for the tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepracer_local.domain import FloatArray

BEAN: dict[str, Any] = {
    "format": 1,
    "title": "Bean",
    "units": "metres, degrees",
    "width": 0.8,
    "spline": [[0, 0], [4, 0], [5.5, 1.5], [4, 3], [2, 2.4], [0, 3], [-1.5, 1.5]],
}
"""The content of a ``track.json`` that draws a drivable loop."""


def ring_rows(n: int = 120, *, radius_m: float = 3.0, width_m: float = 0.8, clockwise: bool = False) -> FloatArray:
    """Returns a circle in the community's format, float64 (n + 1, 6), closed, its borders on circles too."""
    angles = np.linspace(0.0, 2.0 * np.pi, n, endpoint=False) * (-1.0 if clockwise else 1.0)
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    rows = np.hstack([directions * r for r in (radius_m, radius_m - width_m / 2, radius_m + width_m / 2)])
    return np.vstack([rows, rows[:1]])


def straight_rows(n: int = 20, *, length_m: float = 5.0, width_m: float = 0.6) -> FloatArray:
    """Returns an open straight road along x, float64 (n, 6)."""
    x = np.linspace(0.0, length_m, n)
    half = np.full(n, width_m / 2)
    return np.column_stack([x, 0 * x, x, half, x, -half])
