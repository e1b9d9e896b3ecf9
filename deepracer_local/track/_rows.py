"""From rows of numbers to a track, with every reason to refuse them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from deepracer_local.domain import FloatArray, IntArray
from deepracer_local.errors import TrackError
from deepracer_local.track._polylines import first_crossing, is_inside
from deepracer_local.track._track import Track, TrackLabel, build_track

MIN_ROWS = 4
MAX_ROWS = 20_000
MAX_COORDINATE_M = 1000.0
SAME_POINT_M = 1e-9
"""Rows nearer than this are one row. Source: the original simulator, which drops consecutive duplicates so."""
OPEN_GAP_SPACINGS = 1.5
"""A line whose ends are farther apart than this many typical row distances is open."""
LINE_NAMES = ("centre line", "inner border", "outer border")


def from_rows(
    rows: npt.ArrayLike,
    *,
    name: str,
    title: str = "",
    description: str = "",
    author: str = "",
    licence: str = "",
) -> Track:
    """Returns the track of rows in the community's format.

    Consecutive equal points are dropped, line by line. The first and last row of a loop are equal or about one row
    distance apart; otherwise the track is open. Rows need not be aligned across the road.

    Args:
        rows: (N, 6) numbers, metres: centre x, y | inner border x, y | outer border x, y, in driving order.
        name: the track's name.
        title: its name for people.
        description: a sentence about it.
        author: who made it.
        licence: under which licence, an SPDX name.

    Raises:
        TrackError: the rows are no drivable road; ``row`` is the first row at fault where there is one.
    """
    table = _checked_table(rows)
    lines = [table[:, 0:2], table[:, 2:4], table[:, 4:6]]
    kept = [_distinct(line) for line in lines]
    is_closed = _is_closed(lines[0][kept[0]])
    if is_closed:
        kept = [_without_closing_row(line, indices) for line, indices in zip(lines, kept, strict=True)]
    for line_name, indices in zip(LINE_NAMES, kept, strict=True):
        if len(indices) < MIN_ROWS:
            raise TrackError(
                f"Expected at least {MIN_ROWS} different points on the {line_name}, found {len(indices)}. "
                "Give the line more points.",
                row=int(indices[-1]),
            )
    rings = [line[indices] for line, indices in zip(lines, kept, strict=True)]
    _refuse_crossings(rings, kept, is_closed=is_closed)
    label = TrackLabel(name, title, description, author, licence)
    track = build_track(label, rings[0], rings[1], rings[2], is_closed=is_closed)
    _refuse_wrong_sides(track)
    return track


def check_table_shape(shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raises TrackError unless an array of this shape and type can hold a track.

    Raises:
        TrackError: the shape is not (4 ... 20000, 6) or the elements are not real numbers.
    """
    if dtype.kind not in "fiu":
        raise TrackError(f"Expected rows of floating-point numbers, found elements of type {dtype}. Save as float64.")
    if len(shape) != 2 or shape[1] != 6:
        raise TrackError(
            f"Expected shape (N, 6): centre x, y, inner x, y, outer x, y; found {shape}. Reorder or add the columns."
        )
    if shape[0] < MIN_ROWS:
        raise TrackError(
            f"Expected at least {MIN_ROWS} rows, found {shape[0]}. Sample the road more finely.",
            row=max(shape[0] - 1, 0),
        )
    if shape[0] > MAX_ROWS:
        raise TrackError(
            f"Expected at most {MAX_ROWS} rows, found {shape[0]}. Keep a row every 0.1 to 0.3 m.", row=MAX_ROWS
        )


def _checked_table(rows: npt.ArrayLike) -> FloatArray:
    try:
        raw = np.asarray(rows)
    except ValueError as err:
        raise TrackError(f"Expected rows of 6 numbers each, found rows of different lengths ({err}).") from err
    check_table_shape(raw.shape, raw.dtype)
    table = np.ascontiguousarray(raw, dtype=np.float64)
    for is_bad, what in (
        (~np.isfinite(table), "a finite number of metres"),
        (np.abs(table) > MAX_COORDINATE_M, f"a coordinate within {MAX_COORDINATE_M:g} m of the origin"),
    ):
        if is_bad.any():
            row, column = (int(i) for i in np.argwhere(is_bad)[0])
            value = table[row, column]
            raise TrackError(f"Row {row}, column {column}: expected {what}, found {value:g}. Mend that row.", row=row)
    return table


def _distinct(line: FloatArray) -> IntArray:
    """Returns the indices of the rows that differ from the row before."""
    is_new = np.hypot(*np.diff(line, axis=0).T) > SAME_POINT_M
    return np.concatenate([[0], np.flatnonzero(is_new) + 1])


def _is_closed(centre: FloatArray) -> bool:
    if len(centre) < MIN_ROWS:
        return False
    spacing_m = float(np.median(np.hypot(*np.diff(centre, axis=0).T)))
    return float(np.hypot(*(centre[0] - centre[-1]))) <= OPEN_GAP_SPACINGS * spacing_m


def _without_closing_row(line: FloatArray, indices: IntArray) -> IntArray:
    gap_m = float(np.hypot(*(line[indices[0]] - line[indices[-1]])))
    return indices[:-1] if gap_m <= SAME_POINT_M else indices


def _refuse_crossings(rings: list[FloatArray], kept: list[IntArray], *, is_closed: bool) -> None:
    """Raises TrackError where the centre line and the borders meet themselves or each other."""
    ends = [np.roll(ring, -1, axis=0) if is_closed else ring[1:] for ring in rings]
    segments = np.vstack([np.hstack([ring[: len(end)], end]) for ring, end in zip(rings, ends, strict=True)])
    counts = np.array([len(end) for end in ends], dtype=np.int64)
    chain = np.repeat(np.arange(3, dtype=np.int64), counts)
    index = np.concatenate([np.arange(count, dtype=np.int64) for count in counts])
    a, b = sorted(first_crossing(segments, chain, index, is_closed=is_closed))
    if a < 0:
        return
    row_a, row_b = (int(kept[chain[k]][index[k]]) for k in (a, b))
    name_a, name_b = LINE_NAMES[chain[a]], LINE_NAMES[chain[b]]
    if name_a == name_b:
        what = f"the {name_a} crosses itself after rows {row_a} and {row_b}"
    else:
        what = f"the {name_a} after row {row_a} meets the {name_b} after row {row_b}"
    raise TrackError(
        f"Expected a road whose lines never meet, but {what}. "
        "Widen the bend, narrow the road, or move the two parts of the road apart.",
        row=min(row_a, row_b),
    )


def _refuse_wrong_sides(track: Track) -> None:
    """Raises TrackError where a border is on the wrong side; no line meets another, so that one point shows it."""
    if track.is_closed:
        line = track._centre_line
        inside = [is_inside(line, *ring[0]) for ring in (track.inner_m, track.outer_m)]
        if inside != [True, False]:
            raise TrackError(
                "Expected the inner border (columns 2:4) inside the loop and the outer border (columns 4:6) outside, "
                "but row 0 has them elsewhere. Exchange the columns or mend the borders.",
                row=0,
            )
        return
    tangent = track.centre_m[1] - track.centre_m[0]
    across = [ring[0] - track.centre_m[0] for ring in (track.inner_m, track.outer_m)]
    sides = [tangent[0] * a[1] - tangent[1] * a[0] for a in across]
    if sides[0] * sides[1] >= 0:
        raise TrackError(
            "Expected one border on each side of the centre line, but row 0 has both on the same side. "
            "Mend the borders.",
            row=0,
        )
