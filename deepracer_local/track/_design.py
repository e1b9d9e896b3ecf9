"""The format a person writes, ``track.json``, and its sampling to rows."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from deepracer_local.domain import FloatArray
from deepracer_local.errors import TrackError

ROW_SPACING_M = 0.15
CLOSURE_GAP_M = 0.01
"""A loop of straights and bends may miss its start by this much; the gap is spread over the lap."""
CLOSURE_ANGLE_DEG = 0.1
MAX_LENGTH_M = 2500.0
SPLINE_STEPS = 200
"""Arc length is measured on this many chords between two spline points; the error is below a micrometre per metre."""


class Piece(BaseModel):
    """A straight, or a bend to the left or to the right."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    straight: float | None = Field(None, gt=0, le=1000, description="length in metres")
    left: float | None = Field(None, gt=0, lt=360, description="angle in degrees")
    right: float | None = Field(None, gt=0, lt=360, description="angle in degrees")
    radius: float | None = Field(None, gt=0, le=1000, description="of the centre line of a bend, in metres")

    @model_validator(mode="after")
    def _is_one_of_three(self) -> Piece:
        given = [value for value in (self.straight, self.left, self.right) if value is not None]
        if len(given) != 1 or (self.radius is None) != (self.straight is not None):
            raise ValueError(
                'expected {"straight": metres}, {"left": degrees, "radius": metres} or '
                '{"right": degrees, "radius": metres}'
            )
        return self

    @property
    def turn_rad(self) -> float:
        """The change of direction; positive to the left, 0 on a straight."""
        return math.radians((self.left or 0.0) - (self.right or 0.0))

    @property
    def length_m(self) -> float:
        """The length of the centre line."""
        return self.straight if self.straight is not None else abs(self.turn_rad) * (self.radius or 0.0)


class TrackFile(BaseModel):
    """The contents of ``track.json``: one of ``pieces``, ``spline`` and ``rows`` describes the road."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[1]
    title: str = Field(max_length=100)
    description: str = Field("", max_length=2000)
    difficulty: Literal["", "easy", "medium", "hard"] = ""
    author: str = Field("", max_length=200)
    licence: str = Field("", max_length=100, description="an SPDX name")
    units: Literal["metres, degrees"]
    width: float | None = Field(None, gt=0.1, le=20, description="from border to border, in metres")
    closed: bool = Field(default=True, description="whether the end is the start")
    pieces: tuple[Piece, ...] | None = Field(None, min_length=1, max_length=1000, description="in driving order")
    spline: tuple[tuple[float, float], ...] | None = Field(
        None, min_length=4, max_length=200, description="points of a smooth loop, metres"
    )
    rows: str | None = Field(None, pattern=r"^[A-Za-z0-9_]+\.csv$", description="a file of rows in the same folder")

    @model_validator(mode="after")
    def _describes_one_road(self) -> TrackFile:
        given = [name for name in ("pieces", "spline", "rows") if name in self.model_fields_set]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of pieces, spline and rows, found {' and '.join(given) or 'none'}")
        if (self.width is None) != (self.rows is not None):
            raise ValueError("expected a width beside pieces or spline, and none beside rows")
        if self.spline is not None and not self.closed:
            raise ValueError("expected a closed loop beside spline; an open road is described by pieces")
        return self


def sample_design(design: TrackFile) -> FloatArray:
    """Returns the rows of a road of pieces or of a spline, about ``ROW_SPACING_M`` apart and aligned across the road.

    Args:
        design: a file with ``pieces`` or ``spline``.

    Returns:
        float64 (N, 6): centre, inner border, outer border; on loops the first row again at the end. The inner border
        is on the inside of a loop and on the left of an open road, the outer one opposite.

    Raises:
        TrackError: the pieces do not close, a bend is tighter than half the road, or the road is too long.
    """
    if design.width is None:
        raise AssertionError("a design has a width")
    if design.pieces is not None:
        centre, yaw = _sample_pieces(design.pieces, width_m=design.width, is_closed=design.closed)
    else:
        centre, yaw = _sample_spline(np.array(design.spline))
    normal = np.column_stack([-np.sin(yaw), np.cos(yaw)])
    left = centre + 0.5 * design.width * normal
    right = centre - 0.5 * design.width * normal
    turns_left = not design.closed or float(np.sum(_turns_rad(centre))) > 0
    rows: FloatArray = np.hstack([centre, left, right] if turns_left else [centre, right, left])
    return np.vstack([rows, rows[:1]]) if design.closed else rows


def _turns_rad(ring: FloatArray) -> FloatArray:
    steps = np.roll(ring, -1, axis=0) - ring
    after = np.roll(steps, -1, axis=0)
    cross = steps[:, 0] * after[:, 1] - steps[:, 1] * after[:, 0]
    turns_rad: FloatArray = np.arctan2(cross, np.sum(steps * after, axis=1))
    return turns_rad


def _n_steps(length_m: float) -> int:
    if length_m > MAX_LENGTH_M:
        raise TrackError(f"Expected a road of at most {MAX_LENGTH_M:g} m, found {length_m:g} m. Shorten it.")
    return max(round(length_m / ROW_SPACING_M), 4)


def _sample_pieces(pieces: tuple[Piece, ...], *, width_m: float, is_closed: bool) -> tuple[FloatArray, FloatArray]:
    """Returns points (n, 2) and driving directions (n,); the start is the origin, looking along x."""
    poses = [(0.0, 0.0, 0.0)]
    for number, piece in enumerate(pieces):
        if piece.radius is not None and piece.radius <= 0.5 * width_m:
            raise TrackError(
                f"Piece {number}: expected a radius above half the width, {0.5 * width_m:g} m, "
                f"found {piece.radius:g} m. Widen the bend or narrow the road."
            )
        poses.append(_advance(poses[-1], piece, piece.length_m))
    starts_m = np.concatenate([[0.0], np.cumsum([piece.length_m for piece in pieces])])
    length_m = float(starts_m[-1])
    n = _n_steps(length_m)
    stations_m = np.linspace(0.0, length_m, n + 1)
    which = np.clip(np.searchsorted(starts_m, stations_m, side="right") - 1, 0, len(pieces) - 1)
    sampled = np.array(
        [
            _advance(poses[k], pieces[k], s - starts_m[k])
            for k, s in zip(which.tolist(), stations_m.tolist(), strict=True)
        ]
    )
    centre, yaw = sampled[:, :2], sampled[:, 2]
    if not is_closed:
        return centre, yaw
    _refuse_open_loop(poses[-1])
    centre = centre - np.outer(stations_m / length_m, centre[-1])
    return centre[:-1], yaw[:-1]


def _advance(pose: tuple[float, float, float], piece: Piece, distance_m: float) -> tuple[float, float, float]:
    """Returns the pose after driving this far into a piece that begins at ``pose``."""
    x, y, yaw = pose
    if piece.radius is None:
        return x + distance_m * math.cos(yaw), y + distance_m * math.sin(yaw), yaw
    radius = math.copysign(piece.radius, piece.turn_rad)
    end_yaw = yaw + distance_m / radius
    return x + radius * (math.sin(end_yaw) - math.sin(yaw)), y - radius * (math.cos(end_yaw) - math.cos(yaw)), end_yaw


def _refuse_open_loop(end: tuple[float, float, float]) -> None:
    gap_m = math.hypot(end[0], end[1])
    turned_deg = math.degrees(end[2])
    if abs(abs(turned_deg) - 360.0) > CLOSURE_ANGLE_DEG:
        raise TrackError(
            "Expected the bends of a loop to add up to 360 degrees, left counted positive and right negative, found "
            f'{turned_deg:.2f}. Change a bend, or write "closed": false.'
        )
    if gap_m > CLOSURE_GAP_M:
        raise TrackError(
            f"Expected the last piece to end where the first begins, found a gap of {gap_m:.3f} m: the end is at "
            f'x = {end[0]:.3f}, y = {end[1]:.3f} m. Lengthen or shorten two straights, or write "closed": false.'
        )


def _sample_spline(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Returns points (n, 2) and driving directions (n,) of the smooth loop through ``points`` (k, 2).

    Source: the periodic cubic spline, parametrised by chord length; de Boor, A Practical Guide to Splines, chapter IV.
    """
    chords = np.hypot(*(np.roll(points, -1, axis=0) - points).T)
    if float(chords.min()) <= 0:
        row = int(np.argmin(chords))
        raise TrackError(f"Expected different spline points, found point {row} twice. Remove one of the two.", row=row)
    slopes = _spline_slopes(points, chords)
    t = np.arange(SPLINE_STEPS) / SPLINE_STEPS
    h00, h10, h01, h11 = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2
    ends, end_slopes = np.roll(points, -1, axis=0), np.roll(slopes, -1, axis=0)
    dense = np.concatenate(
        [
            np.outer(h00, points[i])
            + np.outer(h10, slopes[i] * chords[i])
            + np.outer(h01, ends[i])
            + np.outer(h11, end_slopes[i] * chords[i])
            for i in range(len(points))
        ]
    )
    closed = np.vstack([dense, dense[:1]])
    stations_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    tangents = np.roll(dense, -1, axis=0) - np.roll(dense, 1, axis=0)
    yaw = np.unwrap(np.arctan2(tangents[:, 1], tangents[:, 0]))
    turns = round((yaw[-1] - yaw[0]) / math.tau)
    yaw = np.append(yaw, yaw[0] + turns * math.tau)
    n = _n_steps(float(stations_m[-1]))
    wanted_m = np.linspace(0.0, stations_m[-1], n, endpoint=False)
    centre = np.column_stack([np.interp(wanted_m, stations_m, closed[:, axis]) for axis in range(2)])
    return centre, np.interp(wanted_m, stations_m, yaw)


def _spline_slopes(points: FloatArray, chords: FloatArray) -> FloatArray:
    """Returns the derivatives (k, 2) at the points that make the second derivative continuous round the loop."""
    n = len(points)
    matrix = np.zeros((n, n))
    right = np.zeros((n, 2))
    for i in range(n):
        before, after = chords[i - 1], chords[i]
        matrix[i, i - 1] += after
        matrix[i, i] += 2 * (before + after)
        matrix[i, (i + 1) % n] += before
        rise_before = (points[i] - points[i - 1]) / before
        rise_after = (points[(i + 1) % n] - points[i]) / after
        right[i] = 3 * (after * rise_before + before * rise_after)
    slopes: FloatArray = np.linalg.solve(matrix, right).astype(np.float64)
    return slopes
