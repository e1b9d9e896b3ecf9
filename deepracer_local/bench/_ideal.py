"""The lap of an ideal driver: the quickest line within the road, under the grip of the project's own tyre model.

A point without length follows a smooth line and is at every moment at the limit of what ``docs/physics.md`` gives it:

- across, at most ``side_share * mu * g``;
- braking, at most ``drive_limit * mu * g``, and with what it takes of the friction circle less is left for the sides,
  ``a_side <= side_share * sqrt((mu g)^2 - a_brake^2)``: that is the tyre of ``sim/_tyre_kernels.py``;
- driving, at most ``drive_limit * mu * g`` and what the sides leave of the circle;
- the highest speed of the vehicle, and bends no tighter than full lock.

The motor's lag, the servo's rate, the fading front drive, pitch, roll and the 15 commands a second are left out, all of
which cost a real driver time: on its line nobody is faster. The line is found by trying moves at random, in three
searches; what they agree on is close to the best. Tests compare with a ring and a straight, whose optima are known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deepracer_local.bench._kernels import drive, search
from deepracer_local.domain import GRAVITY_MPS2, FloatArray, VehicleSpec
from deepracer_local.sim import Chassis
from deepracer_local.track import Track

STATION_M = 0.05
"""Between two points of the line."""
N_TRIALS = 200_000
"""Moves of the line that are tried in one search."""
N_SEARCHES = 3
_SMOOTHED_M = 0.15
"""Standard deviation of the Gaussian that takes the corners from the centre line; the search begins beside it."""
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
    track: Track, *, vehicle: VehicleSpec | None = None, is_bound: bool = False, n_trials: int = 0
) -> IdealLap:
    """Returns the quickest lap within the road.

    Args:
        track: in driving direction.
        vehicle: the car; None for the DeepRacer.
        is_bound: False keeps all four wheels on the road, under the limits above. True is what nobody beats: two wheels
            beside the road, as the rules allow, and the whole friction circle for the sides, motor and brake.
        n_trials: of each search; 0 is ``N_TRIALS``.
    """
    vehicle = vehicle or VehicleSpec()
    half_m = 0.5 * vehicle.axle_track_m
    points, normals = _stations(track)
    low, high = _room(track, points, kept_m=-half_m if is_bound else half_m + _WHEEL_INSIDE_M)
    limits = Limits.of(vehicle, is_bound=is_bound)
    numbers = np.array(
        [limits.side_mps2, limits.grip_mps2, limits.drive_mps2, limits.speed_mps, limits.curvature_per_m]
    )
    found = []
    for seed in range(N_SEARCHES):
        offsets = np.clip(np.zeros(len(points)), low, high)
        time_s = search(points, normals, low, high, track.is_closed, numbers, n_trials or N_TRIALS, seed, offsets)
        found.append((time_s, points + offsets[:, np.newaxis] * normals))
    time_s, line_m = min(found, key=lambda each: each[0])
    x_m, y_m = np.ascontiguousarray(line_m[:, 0]), np.ascontiguousarray(line_m[:, 1])
    _, speed_mps = drive(x_m, y_m, numbers, track.is_closed)
    closed = np.vstack([line_m, line_m[:1]]) if track.is_closed else line_m
    return IdealLap(time_s, line_m, speed_mps, float(np.hypot(*np.diff(closed, axis=0).T).sum()))


def _stations(track: Track) -> tuple[FloatArray, FloatArray]:
    """Returns points of a smooth line near the centre line, float64 (n, 2), and their normals to the left."""
    rows = np.vstack([track.centre_m, track.centre_m[:1]]) if track.is_closed else track.centre_m
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(rows, axis=0).T))])
    n = max(16, round(along[-1] / STATION_M))
    s = np.linspace(0.0, along[-1], n, endpoint=not track.is_closed)
    points = np.column_stack([np.interp(s, along, rows[:, 0]), np.interp(s, along, rows[:, 1])])
    reach = math.ceil(4.0 * _SMOOTHED_M / STATION_M)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STATION_M / _SMOOTHED_M) ** 2)
    weights /= weights.sum()
    if track.is_closed:
        longer = np.vstack([points[-reach:], points, points[:reach]])
    else:  # mirrored at its ends, so that these stay where they are
        longer = np.vstack(
            [2.0 * points[0] - points[reach:0:-1], points, 2.0 * points[-1] - points[-2 : -reach - 2 : -1]]
        )
    smooth = np.column_stack([np.convolve(longer[:, k], weights, mode="valid") for k in range(2)])
    around = np.roll(smooth, -1, axis=0) - np.roll(smooth, 1, axis=0)
    ways = around if track.is_closed else np.gradient(smooth, axis=0)
    ways /= np.hypot(*ways.T)[:, np.newaxis]
    return smooth, np.column_stack([-ways[:, 1], ways[:, 0]])


def _room(track: Track, points: FloatArray, *, kept_m: float) -> tuple[FloatArray, FloatArray]:
    """Returns how far one may go from each point: float64 (n,) to the right, negative, and to the left."""
    inner, outer = (
        _distances(points, np.vstack([ring, ring[:1]]) if track.is_closed else ring)
        for ring in (track.inner_m, track.outer_m)
    )
    left, right = (inner, outer) if track.is_ccw else (outer, inner)
    low, high = kept_m - right, left - kept_m
    middle = 0.5 * (low + high)  # a road narrower than the car leaves its middle
    return np.minimum(low, middle), np.maximum(high, middle)


def _distances(points: FloatArray, line: FloatArray) -> FloatArray:
    """Returns the distance of each point to a line of pieces, float64 (n,)."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    away = points[:, np.newaxis] - starts
    share = np.clip((away * ways).sum(axis=2) / (ways**2).sum(axis=1), 0.0, 1.0)
    found: FloatArray = np.sqrt(((away - share[..., np.newaxis] * ways) ** 2).sum(axis=2).min(axis=1))
    return found
