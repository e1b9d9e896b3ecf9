"""The lidar: a ring of beams against the boxes on the road, and the original's three ways of handing it over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from deepracer_local.domain import N_LIDAR_BEAMS, FloatArray, LidarConfig, LidarSpec, Sensor, VehicleState
from deepracer_local.sim._body import body_axes
from deepracer_local.sim._lidar_kernels import cast_beams
from deepracer_local.sim._scene import SceneObject, box_rows

LIDAR_CLIP_M = 1.0
"""Farther is the same to ``LIDAR``. Source: the original's preprocessing, reference 3.5."""
SECTOR_ALARM_M = 0.5
"""Nearer is a 1 to ``SECTOR_LIDAR``. Source: as above."""
N_ALARM_SECTORS = 8

Float32Array = npt.NDArray[np.float32]


class Lidar:
    """Measures the distance to boxes. Holds no state: the same arguments give the same ranges, bit for bit."""

    def __init__(self, spec: LidarSpec = LidarSpec()) -> None:  # noqa: B008  # frozen
        self._spec = spec
        half = 0.5 * spec.field_of_view_rad
        self._angles_rad = spec.mount_yaw_rad + np.linspace(-half, half, N_LIDAR_BEAMS)
        self._beams = np.column_stack([np.cos(self._angles_rad), np.sin(self._angles_rad)])

    @property
    def spec(self) -> LidarSpec:
        """The mount and the reach."""
        return self._spec

    @property
    def angles_rad(self) -> FloatArray:
        """Returns where the beams look, float64 (64,), from the car's forward to its left."""
        return self._angles_rad.copy()

    def ranges(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> FloatArray:
        """Returns a new float64 (64,): metres to the first box along each beam, ``max_range_m`` where there is none.

        The beams tilt with the car; the ground does not stop them. What is nearer than ``min_range_m`` reads that.
        """
        spec = self._spec
        ranges = np.full(N_LIDAR_BEAMS, spec.max_range_m)
        if objects:
            forward, left, up = body_axes(state)
            eye = [
                place + spec.offset_x_m * ahead + spec.offset_z_m * above
                for place, ahead, above in zip((state.x_m, state.y_m, state.z_m), forward, up, strict=True)
            ]
            cast_beams(box_rows(objects), np.array(eye), np.array((forward, left)), self._beams, ranges)
            np.maximum(ranges, spec.min_range_m, out=ranges)
        return ranges


class LidarEncoding:
    """Turns ranges into what the policy gets; the noise, if any, is in the ranges already.

    ``LIDAR``: the ranges, clipped to 0.15 to 1 m. ``SECTOR_LIDAR``: 8 numbers, 1 where a beam of the sector is nearer
    than 0.5 m. ``DISCRETIZED_SECTOR_LIDAR``: per sector, the nearest beam's bin of ``num_values_per_sector`` up to
    ``clipping_dist``, one-hot; all 0 where nothing is nearer than that.

    Source: the original's preprocessing, reference 3.5.
    """

    def __init__(self, sensor: Sensor, config: LidarConfig, spec: LidarSpec) -> None:
        self._config = config
        self._spec = spec
        makers: dict[Sensor, tuple[int, Callable[[FloatArray], FloatArray]]] = {
            Sensor.LIDAR: (N_LIDAR_BEAMS, self._clipped),
            Sensor.SECTOR_LIDAR: (N_ALARM_SECTORS, self._alarms),
            Sensor.DISCRETIZED_SECTOR_LIDAR: (config.num_sectors * config.num_values_per_sector, self._bins),
        }
        self._length, self._encode = makers[sensor]
        self._low, self._high = (spec.min_range_m, LIDAR_CLIP_M) if sensor is Sensor.LIDAR else (0.0, 1.0)

    @property
    def length(self) -> int:
        """How many numbers it makes."""
        return self._length

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest number that it makes."""
        return self._low, self._high

    def encode(self, ranges: FloatArray) -> Float32Array:
        """Returns a new float32 (length,) of float64 (64,) in metres."""
        return self._encode(ranges).astype(np.float32)

    def _clipped(self, ranges: FloatArray) -> FloatArray:
        return np.clip(ranges, self._spec.min_range_m, LIDAR_CLIP_M)

    def _alarms(self, ranges: FloatArray) -> FloatArray:
        nearest: FloatArray = ranges.reshape(N_ALARM_SECTORS, -1).min(axis=1)
        return (nearest < SECTOR_ALARM_M).astype(np.float64)

    def _bins(self, ranges: FloatArray) -> FloatArray:
        n_sectors, n_values = self._config.num_sectors, self._config.num_values_per_sector
        nearest = ranges.reshape(n_sectors, -1).min(axis=1)
        bins = np.floor(nearest / (self._config.clipping_dist / n_values)).astype(np.int64)
        hot = np.zeros((n_sectors, n_values))
        # Noise may take a range below 0; the bin beyond the last one is the one that is dropped.
        (sectors,) = np.nonzero(bins < n_values)
        hot[sectors, np.maximum(bins[sectors], 0)] = 1.0
        return hot.ravel()
