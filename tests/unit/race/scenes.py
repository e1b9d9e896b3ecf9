"""Cars and places for the tests of the rules: what happens is given, no road is measured."""

from __future__ import annotations

import math

import numpy as np

from deepracer_local.domain import VehicleState
from deepracer_local.race import RaceState, TimeTrial
from deepracer_local.track import Location, Track, from_rows

RADIUS_M = 3.0
WIDTH_M = 0.8


def ring_track(n_waypoints: int = 120) -> Track:
    """Returns a counter-clockwise circle that starts at (3, 0)."""
    angles = np.linspace(0.0, 2.0 * math.pi, n_waypoints, endpoint=False)
    unit = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rows = np.hstack([RADIUS_M * unit, (RADIUS_M - WIDTH_M / 2) * unit, (RADIUS_M + WIDTH_M / 2) * unit])
    return from_rows(np.vstack([rows, rows[:1]]), name="ring")


def straight_track(length_m: float = 10.0) -> Track:
    """Returns an open road along x, 0.8 m wide."""
    x = np.linspace(0.0, length_m, 21)
    y = np.zeros_like(x)
    half = WIDTH_M / 2
    return from_rows(np.stack([x, y, x, y + half, x, y - half], axis=1), name="straight")


def car(x_m: float, y_m: float = 0.0, *, yaw_rad: float = 0.0, has_contact: bool = False) -> VehicleState:
    """Returns a car whose front point is at (x_m, y_m)."""
    return VehicleState(
        x_m=x_m - 0.14 * math.cos(yaw_rad),
        y_m=y_m - 0.14 * math.sin(yaw_rad),
        z_m=0.0,
        roll_rad=0.0,
        pitch_rad=0.0,
        yaw_rad=yaw_rad,
        speed_mps=1.0,
        lateral_speed_mps=0.0,
        yaw_rate_radps=0.0,
        front_x_m=x_m,
        front_y_m=y_m,
        wheels_xy_m=(x_m, y_m) * 4,
        has_contact=has_contact,
    )


def place(ndist: float, *, wheels_on_track: int = 4, length_m: float = 10.0) -> Location:
    """Returns a location at this share of the lap, in the middle of the road."""
    s_m = ndist * length_m
    return Location(
        s_m=s_m,
        ndist=ndist,
        offset_m=0.0,
        distance_from_center_m=0.0,
        projection_x_m=s_m,
        projection_y_m=0.0,
        tangent_rad=0.0,
        prev_index=0,
        next_index=1,
        nearest_index=0,
        track_width_m=WIDTH_M,
        is_left_of_center=False,
        wheels_on_track=wheels_on_track,
    )


class Drive:
    """Drives through given shares of the lap, moving a little at every step.

    Attributes:
        state: after the last step.
    """

    def __init__(self, rules: TimeTrial, start_ndist: float = 0.0, first_ndist: float | None = None) -> None:
        self._rules = rules
        self._x_m = 0.0
        at = start_ndist if first_ndist is None else first_ndist
        self.state: RaceState = rules.start(car(0.0), place(at % 1.0), start_ndist)

    def to(
        self, lap_share: float, *, wheels_on_track: int = 4, has_contact: bool = False, moved_m: float = 0.1
    ) -> RaceState:
        """Takes one step to this unwrapped share of the lap."""
        self._x_m += moved_m
        vehicle = car(self._x_m, has_contact=has_contact)
        self.state = self._rules.advance(self.state, vehicle, place(lap_share % 1.0, wheels_on_track=wheels_on_track))
        return self.state
