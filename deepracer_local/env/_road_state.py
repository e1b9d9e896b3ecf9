"""``STATE``: where the car is on the road and how the road goes on, in ten numbers, for quick experiments."""

from __future__ import annotations

import math

import numpy as np

from deepracer_local.domain import FloatArray, VehicleSpec
from deepracer_local.env._instant import Instant
from deepracer_local.track import Track

AHEAD_M = (0.25, 0.5, 1.0, 2.0)
"""Where the curvature of the road is told: so far ahead of the front point."""
LIMIT = 2.0
_UNIT_SPEED_MPS = VehicleSpec().max_speed_mps
_UNIT_ANGLE_DEG = math.degrees(VehicleSpec().max_steering_rad)
_UNIT_YAW_RATE_RADPS = 5.0
_UNIT_RADIUS_M = 0.5
_CHORD_M = 0.3
"""The curvature is that of the circle through three points of the line so far apart: nearer ones show its vertices."""
_RASTER_M = 0.05


class RoadState:
    """Makes the numbers; each is about -1 to 1 and never beyond ``limit``.

    | number | what | 1 is |
    | --- | --- | --- |
    | 0 | offset of the front point from the centre line, positive to the left | the border |
    | 1, 2 | sine and cosine of the car's heading against the road's, positive to the left | |
    | 3 | speed along the car | 4 m/s |
    | 4 | yaw rate, positive to the left | 5 rad/s |
    | 5 | steering angle of the last command, positive to the left | 30 degrees |
    | 6 to 9 | curvature of the centre line 0.25, 0.5, 1 and 2 m ahead, positive to the left | a radius of 0.5 m |
    """

    def __init__(self) -> None:
        self._curvatures: dict[Track, FloatArray] = {}

    @property
    def length(self) -> int:
        """How many numbers it makes."""
        return 6 + len(AHEAD_M)

    @property
    def limit(self) -> float:
        """The greatest absolute value of a number."""
        return LIMIT

    def of(self, instant: Instant) -> FloatArray:
        """Returns a new float64 (10,)."""
        vehicle, location, track = instant.vehicle, instant.location, instant.track
        heading_error_rad = vehicle.yaw_rad - location.tangent_rad
        numbers = [
            2.0 * location.offset_m / location.track_width_m,
            math.sin(heading_error_rad),
            math.cos(heading_error_rad),
            vehicle.speed_mps / _UNIT_SPEED_MPS,
            vehicle.yaw_rate_radps / _UNIT_YAW_RATE_RADPS,
            instant.command.steering_angle_deg / _UNIT_ANGLE_DEG,
        ]
        raster = self._raster(track)
        for ahead_m in AHEAD_M:
            numbers.append(_UNIT_RADIUS_M * _read(raster, location.s_m + ahead_m, track))
        clipped: FloatArray = np.clip(np.array(numbers), -LIMIT, LIMIT)
        return clipped

    def _raster(self, track: Track) -> FloatArray:
        raster = self._curvatures.get(track)
        if raster is None:
            raster = self._curvatures[track] = curvatures(track)
        return raster


def curvatures(track: Track) -> FloatArray:
    """Returns the curvature of the centre line, one over metres, positive where it bends to the left.

    Returns:
        float64 (n,) at n places that are evenly spread over the line, about 5 cm apart; the first is its beginning, the
        last, on an open line, its end. 0 where the line is straight, and near the ends of an open one.
    """
    n_places = max(2, round(track.length_m / _RASTER_M))
    stations_m = np.linspace(0.0, track.length_m, n_places, endpoint=not track.is_closed)
    a, b, c = (
        np.array([track.point_at(s_m + shift_m)[:2] for s_m in stations_m.tolist()])
        for shift_m in (-_CHORD_M, 0.0, _CHORD_M)
    )
    ab, bc, ac = b - a, c - b, c - a
    sides = np.hypot(*ab.T) * np.hypot(*bc.T) * np.hypot(*ac.T)
    doubled = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    found: FloatArray = np.divide(2.0 * doubled, sides, out=np.zeros(n_places), where=sides > 1e-9)
    return found


def _read(raster: FloatArray, s_m: float, track: Track) -> float:
    """Returns the value at an arc length, which wraps on loops and is clamped on open lines."""
    n = len(raster)
    if track.is_closed:
        place = s_m % track.length_m / track.length_m * n
        i = int(place)
        one, other = raster.item(i % n), raster.item((i + 1) % n)
    else:
        place = min(s_m / track.length_m, 1.0) * (n - 1)
        i = min(int(place), n - 2)
        one, other = raster.item(i), raster.item(i + 1)
    return one + (place - i) * (other - one)
