"""The lap of an ideal driver: the quickest line within the road, under the grip of the project's own tyre model.

A point without length follows a smooth line and is at every moment at the limit of what ``docs/physics.md`` gives it:

- across, at most ``side_share * mu * g``;
- braking, at most ``drive_limit * mu * g``, and with what it takes of the friction circle less is left for the sides,
  ``a_side <= side_share * sqrt((mu g)^2 - a_brake^2)``: that is the tyre of ``sim/_tyre_kernels.py``;
- driving, at most ``drive_limit * mu * g`` and what the sides leave of the circle;
- the highest speed of the vehicle, and bends no tighter than full lock.

The motor's lag, the servo's rate, the fading front drive, pitch, roll and the 15 commands a second are left out, all of
which cost a real driver time. So for its line the time is a lower bound. The line is found by descent, which ends at a
local optimum: tests compare it with a ring and with a straight, whose optima are known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from deepracer_local.domain import GRAVITY_MPS2, FloatArray, VehicleSpec
from deepracer_local.errors import WorldError
from deepracer_local.sim import Chassis
from deepracer_local.track import Track

STATION_M = 0.05
"""Between two points of the line."""
KNOT_M = 0.30
"""Between two places where the line may be moved across the road; a cubic spline runs through them."""
_ROUNDS = 6
_WHEEL_INSIDE_M = 0.005
"""How far inside the border the wheel points stay: a point on the border is outside."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the car can do, in metres and seconds."""

    side_mps2: float
    """Across, neither driving nor braking."""
    grip_mps2: float
    """The radius of the friction circle."""
    drive_mps2: float
    """Of motor and brake."""
    speed_mps: float
    curvature_per_m: float
    """Of full lock."""

    @classmethod
    def of(cls, vehicle: VehicleSpec, *, is_bound: bool) -> Limits:
        """Returns the limits of a car; of a bound, those that a friction circle alone would set."""
        chassis = Chassis()
        grip = vehicle.friction * GRAVITY_MPS2
        return cls(
            side_mps2=grip if is_bound else chassis.front_side_share * grip,
            grip_mps2=grip,
            drive_mps2=grip if is_bound else chassis.drive_limit * grip,
            speed_mps=vehicle.max_speed_mps,
            curvature_per_m=math.tan(vehicle.max_steering_rad) / vehicle.wheelbase_m,
        )


@dataclass(frozen=True, slots=True, eq=False)
class IdealLap:
    """The quickest lap found.

    Attributes:
        time_s: of a flying lap on a loop, of a drive from a standing start on an open road.
        line_m: float64 (n, 2), closed where the track is, first != last.
        speed_mps: float64 (n,), at each point.
        length_m: of the line.
    """

    time_s: float
    line_m: FloatArray
    speed_mps: FloatArray
    length_m: float


def ideal_lap(
    track: Track,
    *,
    vehicle: VehicleSpec | None = None,
    is_bound: bool = False,
    knot_m: float = KNOT_M,
) -> IdealLap:
    """Returns the quickest lap within the road.

    Args:
        track: in driving direction.
        vehicle: the car; None for the DeepRacer.
        is_bound: False keeps all four wheels on the road, under the limits above. True is what nobody beats: two wheels
            beside the road, as the rules allow, and the whole friction circle for the sides, motor and brake.
        knot_m: between two places where the line may be moved.

    Raises:
        WorldError: scipy is not installed.
    """
    vehicle = vehicle or VehicleSpec()
    half_m = 0.5 * vehicle.axle_track_m
    road = _Corridor(track, -half_m if is_bound else half_m + _WHEEL_INSIDE_M, knot_m)
    limits = Limits.of(vehicle, is_bound=is_bound)
    numbers = np.array(
        [limits.side_mps2, limits.grip_mps2, limits.drive_mps2, limits.speed_mps, limits.curvature_per_m]
    )
    offsets = _descend(road, numbers)
    x, y = road.line(offsets)
    time_s, speed = _drive(x, y, numbers, road.is_closed)
    line_m = np.column_stack([x, y])
    steps = np.diff(np.vstack([line_m, line_m[:1]]) if road.is_closed else line_m, axis=0)
    return IdealLap(time_s, line_m, speed, float(np.hypot(*steps.T).sum()))


class _Corridor:
    """The road as the line is searched in it: stations, their normals, and how far one may go to both sides."""

    def __init__(self, track: Track, kept_m: float, knot_m: float) -> None:
        try:
            from scipy.interpolate import CubicSpline  # noqa: PLC0415  # of the extra, and slow to load
        except ImportError as err:
            raise WorldError("Expected scipy for the ideal line, found none: pip install 'deepracer-local[bench]'.") from err

        self.is_closed = track.is_closed
        rows = np.vstack([track.centre_m, track.centre_m[:1]]) if self.is_closed else track.centre_m
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(rows, axis=0).T))])
        centre = CubicSpline(along, rows, bc_type="periodic" if self.is_closed else "natural")
        n = max(8, round(along[-1] / STATION_M))
        s = np.linspace(0.0, along[-1], n, endpoint=not self.is_closed)
        self._points = centre(s)
        tangents = centre(s, 1)
        tangents /= np.hypot(*tangents.T)[:, np.newaxis]
        self._normals = np.column_stack([-tangents[:, 1], tangents[:, 0]])
        n_knots = max(6, round(along[-1] / knot_m))
        knots = np.linspace(0.0, along[-1], n_knots, endpoint=not self.is_closed)
        # The spline is linear in its values: one column for each knot.
        unit = np.eye(n_knots)
        if self.is_closed:
            spline = CubicSpline(np.append(knots, along[-1]), np.vstack([unit, unit[:1]]), bc_type="periodic")
        else:
            spline = CubicSpline(knots, unit, bc_type="natural")
        self.basis: FloatArray = spline(s)
        left, right = self._room(track)
        self.low, self.high = -(right - kept_m), left - kept_m
        # A road narrower than the car leaves the middle of it.
        middle = 0.5 * (self.low + self.high)
        self.low, self.high = np.minimum(self.low, middle), np.maximum(self.high, middle)

    def line(self, knots: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Returns x and y of the line through these offsets, kept within the road."""
        offsets = np.clip(self.basis @ knots, self.low, self.high)
        x, y = (self._points + offsets[:, np.newaxis] * self._normals).T
        return np.ascontiguousarray(x), np.ascontiguousarray(y)

    def _room(self, track: Track) -> tuple[FloatArray, FloatArray]:
        """Returns how far the borders are to the left and to the right of each station."""
        sides = []
        for ring in (track.inner_m, track.outer_m):
            line = np.vstack([ring, ring[:1]]) if track.is_closed else ring
            sides.append(_distances(self._points, line))
        inner, outer = sides
        return (inner, outer) if track.is_ccw else (outer, inner)


def _distances(points: FloatArray, line: FloatArray) -> FloatArray:
    """Returns the distance of each point to a line of pieces, float64 (n,)."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    squares = np.maximum((ways**2).sum(axis=1), 1e-18)
    away = points[:, np.newaxis] - starts
    share = np.clip((away * ways).sum(axis=2) / squares, 0.0, 1.0)
    found: FloatArray = np.sqrt(((away - share[..., np.newaxis] * ways) ** 2).sum(axis=2).min(axis=1))
    return found


def _descend(road: _Corridor, numbers: FloatArray) -> FloatArray:
    """Returns the offsets at the knots: first of the line that bends least, then of the one that takes least time."""
    from scipy.optimize import minimize  # noqa: PLC0415  # as above

    n = road.basis.shape[1]
    at_knots = np.argmax(road.basis, axis=0)
    bounds = list(zip(road.low[at_knots].tolist(), road.high[at_knots].tolist(), strict=True))
    best = np.zeros(n)
    step = 1e-4

    def gradient_of(value: object, knots: FloatArray) -> FloatArray:
        slope = np.empty(n)
        for i in range(n):
            moved = knots.copy()
            moved[i] += step
            ahead = value(moved)  # type: ignore[operator]  # one of the two below
            moved[i] -= 2.0 * step
            slope[i] = (ahead - value(moved)) / (2.0 * step)  # type: ignore[operator]  # as above
        return slope

    def bending(knots: FloatArray) -> float:
        return float(_bending(*road.line(knots), road.is_closed)) + excess(knots)

    def seconds(knots: FloatArray) -> float:
        return float(_drive(*road.line(knots), numbers, road.is_closed)[0]) + excess(knots)

    def excess(knots: FloatArray) -> float:
        """The spline may swing beyond the road between its knots, where it is cut off: that shall not pay."""
        offsets = road.basis @ knots
        beyond = np.maximum(offsets - road.high, 0.0) + np.maximum(road.low - offsets, 0.0)
        return float((beyond**2).sum()) * 10.0

    for value, rounds in ((bending, 1), (seconds, _ROUNDS)):
        for _ in range(rounds):
            found = minimize(
                value,
                best,
                jac=lambda knots, value=value: gradient_of(value, knots),
                method="L-BFGS-B",
                bounds=bounds,
                options={"maxiter": 150},
            )
            is_done = value(best) - value(found.x) < 1e-3
            best = found.x
            if is_done:
                break
    return best


@njit(cache=True)
def _curvatures(x: FloatArray, y: FloatArray, is_closed: bool) -> tuple[FloatArray, FloatArray]:
    """Returns the length of the piece behind each point and the curvature at it, per metre."""
    n = len(x)
    lengths, curvatures = np.empty(n), np.zeros(n)
    for i in range(n):
        j = (i + 1) % n
        lengths[i] = math.hypot(x[j] - x[i], y[j] - y[i])
    for i in range(n):
        if not is_closed and (i == 0 or i == n - 1):
            continue
        h, j = (i - 1) % n, (i + 1) % n
        ax, ay, bx, by = x[i] - x[h], y[i] - y[h], x[j] - x[i], y[j] - y[i]
        chord = math.hypot(x[j] - x[h], y[j] - y[h])
        curvatures[i] = 2.0 * abs(ax * by - ay * bx) / max(lengths[h] * lengths[i] * chord, 1e-12)
    return lengths, curvatures


@njit(cache=True)
def _bending(x: FloatArray, y: FloatArray, is_closed: bool) -> float:
    lengths, curvatures = _curvatures(x, y, is_closed)
    total = 0.0
    for i in range(len(x)):
        total += curvatures[i] * curvatures[i] * lengths[i]
    return total


@njit(cache=True)
def _drive(x: FloatArray, y: FloatArray, numbers: FloatArray, is_closed: bool) -> tuple[float, FloatArray]:
    """Returns the time along a line and the speed at each of its points: as fast as bends, motor and brake allow.

    Source: forward and backward integration, e.g. Kapania, Subosits, Gerdes 2016, section 3.
    """
    side, grip, drive, top = numbers[0], numbers[1], numbers[2], numbers[3]
    n = len(x)
    lengths, curvatures = _curvatures(x, y, is_closed)
    speed = np.empty(n)
    for i in range(n):
        k = curvatures[i]
        speed[i] = min(top, math.sqrt(side / max(k, 1e-9)))
        if k > numbers[4]:  # tighter than full lock: the car cannot drive there, and to be slow there shall not help
            speed[i] *= (numbers[4] / k) ** 2
    if not is_closed:
        speed[0] = 0.0
    laps = 2 if is_closed else 1
    for step in range(laps * n - (0 if is_closed else 1)):  # driving
        i, j = step % n, (step + 1) % n
        v = speed[i]
        across = v * v * curvatures[i]
        ahead = min(drive, math.sqrt(max(grip * grip - across * across, 0.0)))
        speed[j] = min(speed[j], math.sqrt(v * v + 2.0 * ahead * lengths[i]))
    for step in range(laps * n - (0 if is_closed else 1)):  # braking, from the end to the beginning
        j = (n - 1 - step) % n
        i = (j - 1) % n
        v = speed[j]
        used = min(v * v * curvatures[j] / side, 1.0)
        back = min(drive, grip * math.sqrt(1.0 - used * used))
        speed[i] = min(speed[i], math.sqrt(v * v + 2.0 * back * lengths[i]))
    time_s = 0.0
    for i in range(n if is_closed else n - 1):
        time_s += 2.0 * lengths[i] / max(speed[i] + speed[(i + 1) % n], 1e-6)
    return time_s, speed
