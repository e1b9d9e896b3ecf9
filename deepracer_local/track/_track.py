"""A road: a centre line with two borders, and where a car is on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from deepracer_local.domain import FloatArray, Pose
from deepracer_local.track._polylines import nearest_points

RADIUS_CHORD_M = 0.2
"""The radius is measured over neighbours at least this far away: closer ones show the noise of drawn files.

With 0.2 m the published file of the 2018 re:Invent track measures its published 0.62 m; with 0.14 m it measures 0.43 m.
"""


class Location(NamedTuple):
    """Where a car is on a track.

    Indices refer to ``Track.waypoints``. Source: the original simulator's reward parameters, except where a field says
    otherwise.
    """

    s_m: float
    """Arc length of the projection on the centre line, in [0, length) on loops, [0, length] on open tracks."""
    ndist: float
    """``s_m`` over the track's length."""
    offset_m: float
    """Signed distance to the centre line, positive to the left of the driving direction."""
    distance_from_center_m: float
    projection_x_m: float
    projection_y_m: float
    tangent_rad: float
    """Direction of the centre line from waypoint ``prev_index`` to ``next_index``."""
    prev_index: int
    next_index: int
    nearest_index: int
    """Whichever of the two is nearer to the car."""
    track_width_m: float
    """Distance between the border points nearest to the projection."""
    is_left_of_center: bool
    wheels_on_track: int
    """How many of the four wheels are strictly inside the road; a wheel exactly on the border is outside."""


def _load_kernel(*arguments: Any) -> Any:
    """Loads the compiled loop and calls it: whoever only reads tracks does without the compiler and its 60 MB."""
    global _locate  # noqa: PLW0603  # from now on the loop itself is called, at no cost for each step
    from deepracer_local.track import _kernels  # noqa: PLC0415

    _locate = _kernels.locate
    return _locate(*arguments)


def _load_nearest(*arguments: Any) -> Any:
    """Does the same for the point of a line that is nearest to another."""
    global _nearest  # noqa: PLW0603  # as above
    from deepracer_local.track import _kernels  # noqa: PLC0415

    _nearest = _kernels.nearest_on_line
    return _nearest(*arguments)


_locate: Callable[..., Any] = _load_kernel
_nearest: Callable[..., Any] = _load_nearest


class TrackLabel(NamedTuple):
    """What a track is called and who made it."""

    name: str
    title: str = ""
    description: str = ""
    author: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A road in its driving direction. Immutable; made by ``from_rows`` and ``load_track``.

    Two tracks are compared by their arrays, not by ``==``.
    """

    name: str
    title: str
    description: str
    author: str
    licence: str
    centre_m: FloatArray = field(repr=False)
    """float64 (n, 2), read-only, in driving order; on loops first != last; no two consecutive rows are equal."""
    inner_m: FloatArray = field(repr=False)
    """float64 (k, 2), the border of columns 2:4; on loops the ring inside."""
    outer_m: FloatArray = field(repr=False)
    """float64 (m, 2), the border of columns 4:6."""
    is_closed: bool
    length_m: float
    mean_width_m: float
    is_ccw: bool
    """Whether the inner border lies to the left of the driving direction: on loops, counter-clockwise."""
    min_radius_m: float
    """The smallest radius of the centre line; infinite on a straight one."""
    s_m: FloatArray = field(repr=False)
    """float64 (n,), arc length of each centre row; ``s_m[0] == 0``."""
    waypoints: tuple[tuple[float, float], ...] = field(repr=False)
    """What reward functions see: the centre rows; on loops the first one again at the end."""
    # What the kernels read. Never flagged read-only: numba would compile a second version for arrays that lost or got
    # the flag, as they do when a track is pickled to another process.
    _centre_line: FloatArray = field(repr=False)
    _stations_m: FloatArray = field(repr=False)
    _inner_line: FloatArray = field(repr=False)
    _outer_line: FloatArray = field(repr=False)
    _caps: FloatArray = field(repr=False)

    @property
    def direction(self) -> str:
        """``counter-clockwise``, ``clockwise`` or ``open``."""
        if not self.is_closed:
            return "open"
        return "counter-clockwise" if self.is_ccw else "clockwise"

    def locate(
        self,
        x_m: float,
        y_m: float,
        wheels_xy_m: tuple[float, float, float, float, float, float, float, float],
    ) -> Location:
        """Returns where the point is along and across the road, and how many of the wheel points are on it."""
        s, offset, px, py, tangent, prev, following, nearest, width, is_left, on_track = _locate(
            self._centre_line,
            self._stations_m,
            self._inner_line,
            self._outer_line,
            self._caps,
            self.is_closed,
            self.is_ccw,
            x_m,
            y_m,
            wheels_xy_m,
        )
        return Location(
            s,
            s / self.length_m,
            offset,
            abs(offset),
            px,
            py,
            tangent,
            prev,
            following,
            nearest,
            width,
            is_left,
            on_track,
        )

    def point_at(self, s_m: float) -> tuple[float, float, float]:
        """Returns x, y in metres and the driving direction in radians of the centre line at an arc length.

        The arc length wraps on loops and is clamped to the ends of an open track.
        """
        if self.is_closed:
            s_m %= self.length_m
            if s_m >= self.length_m:  # the remainder of a tiny negative number rounds up to the length itself
                s_m = 0.0
        else:
            s_m = min(max(s_m, 0.0), self.length_m)
        stations_m = self._stations_m
        k = min(int(np.searchsorted(stations_m, s_m, side="right")) - 1, len(stations_m) - 2)
        (ax, ay), (bx, by) = self._centre_line[k : k + 2].tolist()
        start_m, end_m = stations_m[k : k + 2].tolist()
        fraction = (s_m - start_m) / (end_m - start_m)
        return ax + fraction * (bx - ax), ay + fraction * (by - ay), math.atan2(by - ay, bx - ax)

    def start_pose(self, ndist: float) -> Pose:
        """Returns the pose on the centre line at this share of the lap, looking at the next waypoint."""
        return Pose(*self.point_at(ndist * self.length_m))

    def lane_pose(self, s_m: float, lane: float) -> Pose:
        """Returns the pose beside the centre line at an arc length, looking along the line.

        Args:
            s_m: wraps on loops and is clamped to the ends of an open track.
            lane: 1 in the middle of the inner half of the road, -1 of the outer half, 0 on the line between the two.

        Source: the original simulator's lanes, midway between centre line and border.
        """
        x_m, y_m, yaw_rad = self.point_at(s_m)
        (_, _, ix, iy, _), (_, _, ox, oy, _) = (
            _nearest(line, x_m, y_m) for line in (self._inner_line, self._outer_line)
        )
        inner, outer = 0.25 * (1.0 + lane), 0.25 * (1.0 - lane)
        return Pose(
            x_m + inner * (ix - x_m) + outer * (ox - x_m), y_m + inner * (iy - y_m) + outer * (oy - y_m), yaw_rad
        )

    def reversed(self) -> Track:
        """Returns the same road driven the other way; on loops the start row stays the first."""
        label = TrackLabel(self.name, self.title, self.description, self.author, self.licence)
        rings = [_flipped(ring, is_closed=self.is_closed) for ring in (self.centre_m, self.inner_m, self.outer_m)]
        return build_track(label, rings[0], rings[1], rings[2], is_closed=self.is_closed)

    def to_rows(self) -> FloatArray:
        """Returns float64 (N, 6): centre, inner, outer, in the community's format; ``from_rows`` gives the track back.

        A line with fewer points than the longest one repeats some of them, which reading drops again.
        """
        rings = (self.centre_m, self.inner_m, self.outer_m)
        n_rows = max(len(ring) for ring in rings)
        columns = [ring[np.arange(n_rows) * len(ring) // n_rows] for ring in rings]
        rows = np.hstack(columns)
        return np.vstack([rows, np.hstack([ring[0] for ring in rings])]) if self.is_closed else rows


def build_track(
    label: TrackLabel, centre_m: FloatArray, inner_m: FloatArray, outer_m: FloatArray, *, is_closed: bool
) -> Track:
    """Returns the track of three clean lines: no repeated rows, on loops no closing row. Nothing is checked here."""
    centre_line, inner_line, outer_line = (_line(ring, is_closed=is_closed) for ring in (centre_m, inner_m, outer_m))
    steps_m = np.hypot(*np.diff(centre_line, axis=0).T)
    stations_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    n = len(centre_m)
    caps = np.empty((0, 2))
    if not is_closed:
        caps = np.vstack([inner_line[-1], outer_line[-1], outer_line[0], inner_line[0]])
    return Track(
        *label,
        centre_m=_read_only(centre_line[:n]),
        inner_m=_read_only(inner_line[: len(inner_m)]),
        outer_m=_read_only(outer_line[: len(outer_m)]),
        is_closed=is_closed,
        length_m=float(stations_m[-1]),
        mean_width_m=_mean_width_m(centre_line[:n], inner_line, outer_line),
        is_ccw=signed_area_m2(centre_line) > 0 if is_closed else _starts_on_the_left(centre_line, inner_line),
        min_radius_m=float(radii_m(centre_line, stations_m, is_closed=is_closed).min()),
        s_m=_read_only(stations_m[:n]),
        waypoints=_as_tuples(centre_line),
        _centre_line=centre_line,
        _stations_m=stations_m,
        _inner_line=inner_line,
        _outer_line=outer_line,
        _caps=caps,
    )


def signed_area_m2(ring_m: FloatArray) -> float:
    """Returns the area inside a ring, float64 (n, 2); positive when it runs counter-clockwise."""
    x, y = (ring_m - ring_m[0]).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _line(ring: FloatArray, *, is_closed: bool) -> FloatArray:
    rows = np.vstack([ring, ring[:1]]) if is_closed else ring
    return np.array(rows, dtype=np.float64, order="C")


def _flipped(ring: FloatArray, *, is_closed: bool) -> FloatArray:
    return np.vstack([ring[:1], ring[:0:-1]]) if is_closed else ring[::-1]


def _read_only(array: FloatArray) -> FloatArray:
    view = array.view()
    view.flags.writeable = False
    return view


def _as_tuples(line: FloatArray) -> tuple[tuple[float, float], ...]:
    pairs: Iterable[list[float]] = line.tolist()
    return tuple((x, y) for x, y in pairs)


def _starts_on_the_left(centre_line: FloatArray, border_line: FloatArray) -> bool:
    tangent = centre_line[1] - centre_line[0]
    across = border_line[0] - centre_line[0]
    return bool(tangent[0] * across[1] - tangent[1] * across[0] > 0)


def _mean_width_m(centre: FloatArray, inner_line: FloatArray, outer_line: FloatArray) -> float:
    """Returns the mean over the centre rows of the distance between the nearest border points."""
    across = nearest_points(inner_line, centre) - nearest_points(outer_line, centre)
    return float(np.hypot(*across.T).mean())


def radii_m(line: FloatArray, stations_m: FloatArray, *, is_closed: bool) -> FloatArray:
    """Returns the radius at each vertex: of the circle through it and its neighbours ``RADIUS_CHORD_M`` away.

    Args:
        line: float64 (n, 2); on loops the first row again at the end.
        stations_m: float64 (n,), the arc length of each row.
        is_closed: whether it is a loop.

    Returns:
        float64 (n,) in metres, on loops (n - 1,); infinite on a straight line and near the ends of an open one.
    """
    points, stations, length_m = line, stations_m, stations_m[-1]
    n, here = len(line), np.arange(1, len(line) - 1)
    if is_closed:
        n -= 1
        points = np.vstack([line[:-1]] * 3)
        stations = np.concatenate([stations_m[:-1] + lap * length_m for lap in range(3)])
        here = np.arange(n, 2 * n)
    before = np.searchsorted(stations, stations[here] - RADIUS_CHORD_M, side="right") - 1
    after = np.searchsorted(stations, stations[here] + RADIUS_CHORD_M, side="left")
    is_inside = (before >= 0) & (after < len(points))
    here = here[is_inside]
    a, b, c = points[before[is_inside]], points[here], points[after[is_inside]]
    sides = np.hypot(*(b - a).T) * np.hypot(*(c - b).T) * np.hypot(*(a - c).T)
    doubled = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    radii = np.full(n, math.inf)
    # Under a nanometre of sagitta the three points are a straight line.
    radii[here % n] = np.divide(
        sides, 2 * doubled, out=np.full(len(sides), math.inf), where=doubled > 1e-9 * RADIUS_CHORD_M
    )
    return radii
