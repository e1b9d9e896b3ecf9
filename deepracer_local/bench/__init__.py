"""Benchmarks: what is fast, how fast, and beside whom, measured in one run on the machine at hand."""

from deepracer_local.bench._camera import measure_cameras
from deepracer_local.bench._environment import measure_environments
from deepracer_local.bench._exports import measure_exports
from deepracer_local.bench._imports import measure_imports
from deepracer_local.bench._lidar import measure_lidar
from deepracer_local.bench._measurement import Measurement, machine
from deepracer_local.bench._sandbox import measure_sandbox
from deepracer_local.bench._service import measure_service
from deepracer_local.bench._trained import measure_avoidance, measure_bots, measure_pace, measure_unseen
from deepracer_local.bench._training import measure_training

__all__ = [
    "Measurement",
    "machine",
    "measure_avoidance",
    "measure_bots",
    "measure_cameras",
    "measure_environments",
    "measure_exports",
    "measure_imports",
    "measure_lidar",
    "measure_pace",
    "measure_sandbox",
    "measure_service",
    "measure_training",
    "measure_unseen",
]
