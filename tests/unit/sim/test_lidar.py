"""The lidar's geometry in closed form, and its encodings by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from deepracer_local.domain import LidarConfig, LidarSpec, Pose, Sensor
from deepracer_local.sim import Lidar, LidarEncoding, SceneObject
from tests.unit.sim.places import place

SPEC = LidarSpec()
START = place(Pose(2.0, -1.0, 0.7))


def box_at(distance_m: float, angle_rad: float, *, side_m: float = 0.2, height_m: float = 0.5) -> SceneObject:
    """Returns a box of which the nearer face is ``distance_m`` from the lidar of the car at START, square to it."""
    direction = START.yaw_rad + angle_rad
    reach = distance_m + 0.5 * side_m
    x = START.x_m + SPEC.offset_x_m * math.cos(START.yaw_rad) + reach * math.cos(direction)
    y = START.y_m + SPEC.offset_x_m * math.sin(START.yaw_rad) + reach * math.sin(direction)
    return SceneObject(Pose(x, y, direction), side_m, side_m, height_m, (0, 0, 0))


def test_the_beams_look_backwards_and_leave_a_blind_spot_ahead() -> None:
    degrees = np.degrees(Lidar().angles_rad)

    assert len(degrees) == 64
    assert degrees[0] == pytest.approx(30.0, abs=1e-3)
    assert degrees[-1] == pytest.approx(330.0, abs=1e-3)
    assert np.diff(degrees) == pytest.approx(300.0 / 63, abs=1e-3)


def test_nothing_within_reach_reads_the_maximum() -> None:
    lidar = Lidar()

    assert (lidar.ranges(START) == SPEC.max_range_m).all()
    assert (lidar.ranges(START, [box_at(12.5, math.pi)]) == SPEC.max_range_m).all()
    assert (lidar.ranges(START, [box_at(1.0, 0.0)]) == SPEC.max_range_m).all()  # in the blind spot


@pytest.mark.parametrize("beam", [0, 13, 31, 32, 63])
def test_a_box_is_measured_to_its_face_along_the_beam_that_looks_at_it(beam: int) -> None:
    lidar = Lidar()

    ranges = lidar.ranges(START, [box_at(0.8, lidar.angles_rad[beam], side_m=0.05)])

    assert ranges[beam] == pytest.approx(0.8, abs=1e-9)
    assert (np.delete(ranges, beam) == SPEC.max_range_m).all()


def test_the_nearer_of_two_boxes_stops_a_beam_in_either_order() -> None:
    near, far = box_at(0.6, math.pi), box_at(1.5, math.pi, side_m=1.0)

    one, other = (Lidar().ranges(START, boxes) for boxes in ([near, far], [far, near]))

    assert np.array_equal(one, other)
    assert one.min() == pytest.approx(0.6, abs=1e-3)
    assert sorted(set(np.floor(one).tolist())) == [0.0, 1.0, 12.0]


def test_beams_pass_over_a_low_box_unless_the_car_leans_to_it() -> None:
    low = box_at(0.5, math.pi, height_m=0.1)
    leaning = place(Pose(START.x_m, START.y_m, START.yaw_rad), pitch_rad=-0.25)  # the nose up, the tail down

    assert (Lidar().ranges(START, [low]) == SPEC.max_range_m).all()
    assert Lidar().ranges(leaning, [low]).min() == pytest.approx(0.5 / math.cos(0.25), abs=0.05)


def test_what_is_too_near_reads_the_minimum() -> None:
    assert Lidar().ranges(START, [box_at(0.05, math.pi)]).min() == SPEC.min_range_m
    assert (Lidar().ranges(START, [box_at(-1.0, 0.0, side_m=2.0)]) == SPEC.min_range_m).all()  # inside it


def ranges_of(**metres: float) -> np.ndarray:
    """Returns ranges of 12 m, and others at the beams named ``b0``, ``b1``, ..."""
    ranges = np.full(64, 12.0)
    for name, value in metres.items():
        ranges[int(name[1:])] = value
    return ranges


def encoded(sensor: Sensor, ranges: np.ndarray, **config: float) -> list[float]:
    encoding = LidarEncoding(sensor, LidarConfig.model_validate(config), SPEC)
    numbers = encoding.encode(ranges)
    assert numbers.dtype == np.float32
    assert numbers.shape == (encoding.length,)
    low, high = (np.float32(bound) for bound in encoding.bounds)
    assert (numbers >= low).all()
    assert (numbers <= high).all()
    return [round(number, 6) for number in numbers.tolist()]


def test_ranges_are_clipped() -> None:
    found = encoded(Sensor.LIDAR, ranges_of(b0=0.1, b1=0.15, b2=0.5, b3=1.0, b4=1.01, b5=-0.3))

    assert found == [0.15, 0.15, 0.5, 1.0, 1.0, 0.15] + [1.0] * 58


def test_a_sector_is_alarmed_by_any_of_its_eight_beams_nearer_than_half_a_metre() -> None:
    found = encoded(Sensor.SECTOR_LIDAR, ranges_of(b0=0.5, b15=0.499, b16=0.51, b56=0.2, b63=3.0))

    assert found == [0, 1, 0, 0, 0, 0, 0, 1]


def test_a_sector_has_the_bin_of_its_nearest_beam_and_drops_the_farthest() -> None:
    ranges = ranges_of(b0=0.4, b15=0.9, b16=0.5, b31=0.49, b32=1.99, b48=2.0, b63=7.0)

    found = encoded(Sensor.DISCRETIZED_SECTOR_LIDAR, ranges, num_sectors=4, num_values_per_sector=4, clipping_dist=2.0)

    # Bins of half a metre: 0.4 m is in bin 0, 0.49 m too, 1.99 m in bin 3; 2.0 m is in the bin that is dropped.
    assert found == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_the_default_bins_are_a_quarter_of_a_metre() -> None:
    found = encoded(Sensor.DISCRETIZED_SECTOR_LIDAR, ranges_of(b0=0.74, b9=0.76, b63=-0.01))

    hot = [i for i, number in enumerate(found) if number]
    assert len(found) == 64
    assert hot == [2, 8 + 3, 56]


def test_bins_grow_with_the_distance() -> None:
    metres = np.linspace(0.15, 1.99, 40)

    bins = [
        encoded(Sensor.DISCRETIZED_SECTOR_LIDAR, ranges_of(b0=float(m)), num_values_per_sector=16).index(1.0)
        for m in metres
    ]

    assert all(one <= other for one, other in pairwise(bins))
    assert (bins[0], bins[-1]) == (1, 15)
