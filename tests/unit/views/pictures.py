"""A small track, laps on it, and how to look at a picture."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from deepracer_local.domain import Outcome
from deepracer_local.track import Track, from_rows
from deepracer_local.views import LapTrace


def ring_track(*, radius_m: float = 2.0, half_width_m: float = 0.4) -> Track:
    """Returns a circle, counter-clockwise, starting at its right."""
    angles = np.linspace(0.0, 2 * math.pi, 61)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    circle[-1] = circle[0]
    rows = [circle * radius_m, circle * (radius_m - half_width_m), circle * (radius_m + half_width_m)]
    return from_rows(np.concatenate(rows, axis=1), name="ring", title="A ring")


def straight_track(*, length_m: float = 6.0, half_width_m: float = 0.4) -> Track:
    """Returns a road along x."""
    x = np.linspace(0.0, length_m, 31)
    columns = [x, 0 * x, x, 0 * x + half_width_m, x, 0 * x - half_width_m]
    return from_rows(np.stack(columns, axis=1), name="straight")


def lap_on(track: Track, *, n: int = 120, share: float = 1.0, outcome: Outcome = Outcome.LAP_COMPLETE) -> LapTrace:
    """Returns ``share`` of a lap along the centre line, faster and faster."""
    points = np.array([track.point_at(s)[:2] for s in np.linspace(0.0, share * track.length_m * 0.999, n)])
    return LapTrace(
        x_m=points[:, 0],
        y_m=points[:, 1],
        speed_mps=np.linspace(0.5, 3.0, n),
        is_on_track=np.ones(n, dtype=np.bool_),
        is_set_back=np.zeros(n, dtype=np.bool_),
        time_s=n / 15,
        outcome=outcome,
    )


def pixels(path: Path) -> npt.NDArray[np.int64]:
    """Returns int64 (height, width, 3) of a PNG file."""
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(np.int64)


def count_colour(picture: npt.NDArray[np.int64], hexadecimal: str, *, tolerance: int = 12) -> int:
    """Returns how many pixels have this colour, nearly."""
    wanted = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)])
    return int(np.sum(np.abs(picture - wanted).max(axis=2) <= tolerance))
