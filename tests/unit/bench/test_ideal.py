"""The ideal lap against roads whose quickest line is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deepracer_local.bench._ideal import ideal_lap
from deepracer_local.track import Track, from_rows

GRIP = 0.5 * 9.80665
KEPT_M = 0.5 * 0.1605 + 0.005
"""From the border to the line: half the axle and what keeps the wheels inside."""


def ring(radius_m: float, half_width_m: float) -> Track:
    turn = np.linspace(0.0, 2.0 * math.pi, 121)
    unit = np.column_stack([np.cos(turn), np.sin(turn)])
    radii = (radius_m, radius_m - half_width_m, radius_m + half_width_m)
    return from_rows(np.hstack([unit * radius for radius in radii]), name="ring")


def straight(length_m: float) -> Track:
    x = np.linspace(0.0, length_m, round(length_m / 0.15) + 1)
    zero = np.zeros_like(x)
    return from_rows(np.column_stack([x, zero, x, zero + 0.4, x, zero - 0.4]), name="straight")


def test_on_a_ring_the_quickest_line_is_the_inner_border() -> None:
    track = ring(1.2, 0.3)

    lap = ideal_lap(track, n_trials=8_000)

    radius_m = 1.2 - 0.3 + KEPT_M
    assert lap.time_s == pytest.approx(2.0 * math.pi * math.sqrt(radius_m / (0.87 * GRIP)), rel=0.02)
    assert np.hypot(*lap.line_m.T).min() >= radius_m - 0.01


def test_on_a_straight_it_accelerates_at_the_limit_up_to_the_highest_speed() -> None:
    lap = ideal_lap(straight(6.0), n_trials=200)

    drive = 0.9 * GRIP
    assert lap.time_s == pytest.approx(4.0 / drive + (6.0 - 16.0 / (2.0 * drive)) / 4.0, rel=1e-3)
    assert (lap.speed_mps[0], lap.speed_mps.max()) == (0.0, 4.0)


def test_the_bound_is_below_the_ideal_driver() -> None:
    track = ring(1.0, 0.3)

    assert ideal_lap(track, is_bound=True, n_trials=4_000).time_s < 0.97 * ideal_lap(track, n_trials=4_000).time_s
