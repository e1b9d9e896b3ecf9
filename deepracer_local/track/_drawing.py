"""A road as somebody draws it: points of a smooth loop and a width; and what is wrong with it, with places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from deepracer_local.domain import FloatArray, IntArray, VehicleSpec
from deepracer_local.errors import TrackError
from deepracer_local.track._design import ROW_SPACING_M, TrackFile, sample_design
from deepracer_local.track._polylines import crossings
from deepracer_local.track._rows import from_rows
from deepracer_local.track._track import radii_m

MIN_LENGTH_M = 5.0
"""A shorter lap takes less than five seconds at 1 m/s and less than two at 3 m/s."""
MAX_WIDTH_M, USUAL_WIDTHS_M = 20.0, (0.4, 2.0)
SAME_POINT_M, NEAR_POINTS_M = 0.01, 0.15
FINDINGS_SHOWN = 20

_TURNING_RADIUS_M = VehicleSpec().wheelbase_m / math.tan(VehicleSpec().max_steering_rad)
"""The tightest circle of the car. Source: the kinematic bicycle, radius = wheelbase / tan(steering)."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn road: a smooth loop through points, in driving order, with the start line at the first one."""

    title: str
    points_m: tuple[tuple[float, float], ...]
    width_m: float
    description: str = ""
    author: str = ""
    licence: str = ""

    def to_design(self) -> TrackFile:
        """Returns what ``track.json`` says of it.

        Raises:
            ValidationError: a value is outside the format's bounds.
        """
        # Validated as a file is: what a file would not say is left unset.
        return TrackFile.model_validate(
            {
                "format": 1,
                "title": self.title,
                "description": self.description,
                "author": self.author,
                "licence": self.licence,
                "units": "metres, degrees",
                "width": self.width_m,
                "closed": True,
                "spline": self.points_m,
            }
        )


@dataclass(frozen=True, slots=True)
class DrawingFinding:
    """Something to mend on a drawn road, or to know; only an ``error`` keeps it from being driven on."""

    kind: Literal["error", "warning"]
    rule: str
    message: str
    x_m: float | None = None
    """Where it is; None where it is about the whole road."""
    y_m: float | None = None


@dataclass(frozen=True, slots=True)
class DrawnRoad:
    """What a drawing becomes. Without ``error`` among its findings it is a track."""

    findings: tuple[DrawingFinding, ...]
    length_m: float
    """0 where no line can be made of the points, as ``min_radius_m`` is."""
    min_radius_m: float
    """The smallest radius of the centre line."""
    centre_m: FloatArray
    """float64 (n, 2), in driving order, first != last; (0, 2) where no line can be made."""
    inner_m: FloatArray
    outer_m: FloatArray

    @property
    def is_usable(self) -> bool:
        """True where it can be driven on."""
        return all(finding.kind != "error" for finding in self.findings)


def check_drawing(drawing: Drawing) -> DrawnRoad:
    """Returns the road of a drawing, and what is wrong with it, the worst first.

    Law: a road without an error is a track that ``from_rows`` takes.
    """
    findings = [*_about_width(drawing.width_m), *_about_points(drawing.points_m)]
    if any(finding.kind == "error" for finding in findings):
        return _without_road(findings)
    try:
        rows = sample_design(drawing.to_design())
    except TrackError as err:
        return _without_road([*findings, DrawingFinding("error", "no-road", str(err))])
    centre, inner, outer = (rows[:-1, columns] for columns in (slice(0, 2), slice(2, 4), slice(4, 6)))
    line = rows[:, :2]
    stations_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    radii = radii_m(line, stations_m, is_closed=True)
    findings += _about_length(float(stations_m[-1]))
    findings += _about_bends(centre, radii, drawing.width_m)
    bends = [(f.x_m, f.y_m) for f in findings if f.rule == "too-tight" and f.x_m is not None and f.y_m is not None]
    findings += _about_meetings(rows, drawing.width_m, bends)
    if all(finding.kind != "error" for finding in findings):
        findings += _about_rest(rows)
    findings.sort(key=lambda finding: finding.kind != "error")
    return DrawnRoad(tuple(findings[:FINDINGS_SHOWN]), float(stations_m[-1]), float(radii.min()), centre, inner, outer)


def _without_road(findings: list[DrawingFinding]) -> DrawnRoad:
    nothing = np.empty((0, 2))
    return DrawnRoad(tuple(findings[:FINDINGS_SHOWN]), 0.0, 0.0, nothing, nothing, nothing)


def _about_width(width_m: float) -> list[DrawingFinding]:
    low, high = USUAL_WIDTHS_M
    car_m = VehicleSpec().width_m
    if width_m <= car_m:
        message = f"The road is {width_m:g} m wide and the car {car_m:.2f} m. Make it wider than the car."
        return [DrawingFinding("error", "too-narrow", message)]
    if width_m > MAX_WIDTH_M:
        message = f"The road is {width_m:g} m wide, at most {MAX_WIDTH_M:g} m can be. Make it narrower."
        return [DrawingFinding("error", "too-wide", message)]
    if low <= width_m <= high:
        return []
    which = "narrow" if width_m < low else "wide"
    message = (
        f"The road is {width_m:g} m wide. Usual are {low:g} to {high:g} m; on a road so {which} it is harder to learn."
    )
    return [DrawingFinding("warning", f"too-{which}", message)]


def _about_points(points: tuple[tuple[float, float], ...]) -> list[DrawingFinding]:
    found = []
    for i, (here, after) in enumerate(zip(points, [*points[1:], points[0]], strict=True)):
        gap_m = math.dist(here, after)
        if gap_m >= NEAR_POINTS_M:
            continue
        names = f"Points {i + 1} and {(i + 1) % len(points) + 1}"
        place = (0.5 * (here[0] + after[0]), 0.5 * (here[1] + after[1]))
        if gap_m < SAME_POINT_M:
            message = f"{names} are at the same place. Remove one of the two."
            found.append(DrawingFinding("error", "same-points", message, *place))
        else:
            message = f"{names} are only {100 * gap_m:.0f} cm apart, which makes a kink. Move them apart or remove one."
            found.append(DrawingFinding("warning", "near-points", message, *place))
    return found


def _about_length(length_m: float) -> list[DrawingFinding]:
    if length_m >= MIN_LENGTH_M:
        return []
    message = f"A lap is {length_m:.1f} m long, at least {MIN_LENGTH_M:g} m are needed. Draw it larger."
    return [DrawingFinding("error", "too-short", message)]


def _about_bends(centre: FloatArray, radii: FloatArray, width_m: float) -> list[DrawingFinding]:
    """Returns a finding for the tightest place of each bend that is too tight."""
    found = []
    limit_m = max(0.5 * width_m, _TURNING_RADIUS_M)
    for i in _apexes(radii, limit_m):
        place = (float(centre[i, 0]), float(centre[i, 1]))
        radius = f"The bend has a radius of {radii[i]:.2f} m"
        if radii[i] <= 0.5 * width_m:
            message = (
                f"{radius}, which has to be more than half the width, {0.5 * width_m:.2f} m: the inner border folds. "
                "Widen the bend or narrow the road."
            )
            found.append(DrawingFinding("error", "too-tight", message, *place))
        else:
            message = (
                f"{radius}; the car turns in {_TURNING_RADIUS_M:.2f} m at best, with the wheels turned fully. "
                "Widen the bend, or give it steering angles of 30 degrees."
            )
            found.append(DrawingFinding("warning", "tight", message, *place))
    return found


def _apexes(radii: FloatArray, limit_m: float) -> list[int]:
    """Returns the row of the smallest radius of each stretch of rows whose radius is at most ``limit_m``."""
    is_tight = radii <= limit_m
    if is_tight.all():
        return [int(radii.argmin())]
    # Turned so that no stretch goes over the end of the loop.
    shift = int(np.flatnonzero(~is_tight)[0])
    order = np.roll(np.arange(len(radii)), -shift)
    runs = np.split(order, np.flatnonzero(np.diff(is_tight[order].astype(np.int8))) + 1)
    return [int(run[radii[run].argmin()]) for run in runs if is_tight[run[0]]]


def _about_meetings(rows: FloatArray, width_m: float, bends: list[tuple[float, float]]) -> list[DrawingFinding]:
    """Returns a finding for each place where the road meets itself, but not where ``bends`` are known to be too tight.

    Of meetings close together one is told: where a road crosses itself, its borders do so all around.
    """
    lines = [rows[:, 0:2], rows[:, 2:4], rows[:, 4:6]]
    n = len(rows) - 1
    segments = np.vstack([np.hstack([line[:-1], line[1:]]) for line in lines])
    chain: IntArray = np.repeat(np.arange(3, dtype=np.int64), n)
    index: IntArray = np.tile(np.arange(n, dtype=np.int64), 3)
    # Along the inside of a bend the border meets itself a bend's length away; farther is another part of the road.
    near_rows = math.ceil(math.pi * width_m / ROW_SPACING_M)
    crossed: list[tuple[float, float]] = []
    overlapped: list[tuple[float, float]] = []
    folded: list[tuple[float, float]] = []
    for first, second in crossings(segments, chain, index, is_closed=True):
        for i, j in zip(first.tolist(), second.tolist(), strict=True):
            place = _meeting_place(segments[i], segments[j])
            apart = abs(int(index[i] - index[j]))
            if chain[i] == chain[j] == 0:
                crossed.append(place)
            elif min(apart, n - apart) <= near_rows:
                folded.append(place)
            else:
                overlapped.append(place)
    told = {
        "crosses": (crossed, "The road crosses itself here. Move a point so that it does not."),
        "overlaps": (overlapped, "Two parts of the road overlap here. Move them apart or narrow the road."),
        "folds": (folded, "The border of the road folds here. Widen the bend or narrow the road."),
    }
    known = list(bends)
    found = []
    for rule, (places, message) in told.items():
        for place in places:
            if rule == "crosses" or all(math.dist(place, other) > 2.0 * width_m for other in known):
                known.append(place)
                found.append(DrawingFinding("error", rule, message, *place))
    return found


def _meeting_place(a: FloatArray, b: FloatArray) -> tuple[float, float]:
    """Returns where two segments, float64 (4,), cross; the middle between them where they are parallel."""
    ax, ay, bx, by = a.tolist()
    cx, cy, dx, dy = b.tolist()
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if turn == 0.0:
        return 0.25 * (ax + bx + cx + dx), 0.25 * (ay + by + cy + dy)
    share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
    return ax + share * (bx - ax), ay + share * (by - ay)


def _about_rest(rows: FloatArray) -> list[DrawingFinding]:
    """Returns what reading a track would refuse and nothing above has found."""
    try:
        from_rows(rows, name="drawing")
    except TrackError as err:
        row = min(err.row or 0, len(rows) - 1)
        return [DrawingFinding("error", "no-road", str(err), float(rows[row, 0]), float(rows[row, 1]))]
    return []
