"""The fast camera against PyBullet's software renderer."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.domain import CameraSpec, Command, Pose, VehicleState
from deepracer_local.sim import Camera, GroundCamera, KinematicSimulator, ReferenceCamera
from deepracer_local.track import builtin_tracks_dir, find_track

REPETITIONS = 7
GOAL_RATIO = 50


def measure_cameras(*, n_poses: int = 32) -> list[Measurement]:
    """Measures both cameras on the same poses along ``reinvent_2018``, in turns."""
    track = find_track("reinvent_2018", [builtin_tracks_dir()])
    fast, reference = GroundCamera(track, CameraSpec()), ReferenceCamera(track, CameraSpec())
    states = _states([track.start_pose(i / n_poses) for i in range(n_poses)])
    _microseconds(fast, states)
    fast_readings, reference_readings = [], []
    for _ in range(REPETITIONS):
        fast_readings.append(_microseconds(fast, states * 20))
        reference_readings.append(_microseconds(reference, states))
    reference.close()
    ratio = float(np.median(reference_readings) / np.median(fast_readings))
    return [
        median_of("fast camera, 160x120", fast_readings, "us/frame"),
        median_of("PyBullet's renderer, same poses", reference_readings, "us/frame"),
        Measurement("PyBullet's / fast camera", ratio, "times", (ratio,), goal=f"at least {GOAL_RATIO}"),
    ]


def _states(poses: Sequence[Pose]) -> list[VehicleState]:
    simulator = KinematicSimulator()
    states = []
    for i, pose in enumerate(poses):
        simulator.reset(Pose(pose.x_m, pose.y_m, pose.yaw_rad + 0.3 * np.sin(i)))
        states.append(simulator.step(Command(0.0, 1.0)))
    simulator.close()
    return states


def _microseconds(camera: Camera, states: Sequence[VehicleState]) -> float:
    started_at = time.perf_counter()
    for state in states:
        camera.frame(state)
    return (time.perf_counter() - started_at) / len(states) * 1e6
