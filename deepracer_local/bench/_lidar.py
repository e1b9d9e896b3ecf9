"""The lidar: 64 beams among obstacles."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.domain import Pose, VehicleState
from deepracer_local.sim import KinematicSimulator, Lidar, SceneObject
from deepracer_local.track import builtin_tracks_dir, find_track

REPETITIONS = 7
N_BOXES = 6
GOAL_US = 60


def measure_lidar(*, n_scans: int = 640) -> list[Measurement]:
    """Measures scans of 64 beams along ``reinvent_2018`` with six boxes on it, of the size of the original's."""
    track = find_track("reinvent_2018", [builtin_tracks_dir()])
    boxes = [SceneObject(track.start_pose((i + 0.5) / N_BOXES), 0.4, 0.3, 0.25, (200, 60, 40)) for i in range(N_BOXES)]
    simulator = KinematicSimulator()
    places = [track.start_pose(i / 32) for i in range(32)]
    states = [simulator.reset(Pose(x, y, yaw + 0.3 * math.sin(i))) for i, (x, y, yaw) in enumerate(places)]
    simulator.close()
    lidar = Lidar()
    _microseconds(lidar, states, boxes, n_scans=len(states))  # compiles the kernel
    readings = [_microseconds(lidar, states, boxes, n_scans=n_scans) for _ in range(REPETITIONS)]
    name = f"lidar, {len(lidar.angles_rad)} beams, {N_BOXES} boxes"
    return [median_of(name, readings, "us/scan", goal=f"under {GOAL_US}")]


def _microseconds(lidar: Lidar, states: Sequence[VehicleState], boxes: Sequence[SceneObject], *, n_scans: int) -> float:
    started_at = time.perf_counter()
    for i in range(n_scans):
        lidar.ranges(states[i % len(states)], boxes)
    return (time.perf_counter() - started_at) / n_scans * 1e6
