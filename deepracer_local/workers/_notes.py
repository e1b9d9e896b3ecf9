"""What an evaluation writes down of every instant of a car, and the files that become of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deepracer_local.domain import (
    EvaluationResult,
    ImageArray,
    Outcome,
    RoadObject,
    Sensor,
    StepRecord,
    VehicleState,
    picture_in,
)
from deepracer_local.env import DeepRacerEnv
from deepracer_local.runs import TRACE_HEADER, actions_beside, json_lines, objects_beside, write_bytes
from deepracer_local.sim import Camera
from deepracer_local.track import Track
from deepracer_local.training import TraceRecorder
from deepracer_local.views import draw_laps, load_laps

Tell = Callable[[dict[str, Any], ImageArray | None], None]
"""Told of every instant and of what the camera sees at it: uint8 (height, width), None without a camera."""


class DriveNotes:
    """What is written down of every instant of one car."""

    def __init__(self, env: DeepRacerEnv, sensors: Sequence[Sensor], tell: Tell | None = None) -> None:
        self._env = env
        self._sensors = sensors
        self._tell = tell
        self.trace = TraceRecorder(time.time)
        self.states: list[VehicleState] = []
        self.records: list[StepRecord] = []
        self.objects: list[tuple[RoadObject, ...]] = []
        self.cameras: list[Camera] = []
        self.conditions: list[dict[str, Any]] = []
        """Of each attempt, where they differ."""

    def take(self, info: dict[str, Any], observation: Any, vehicle: VehicleState | None = None) -> None:
        """Takes in an instant; the car is as the environment has it, unless it is given."""
        self.trace.add(info)
        self.states.append(vehicle or self._env.vehicle_state)
        self.records.append(info["record"])
        self.objects.append(info["objects"])
        self.cameras.append(self._env.camera)
        if "conditions" in info and info["record"].outcome is Outcome.PREPARE:
            self.conditions.append(info["conditions"].model_dump())
        if self._tell is not None:
            self._tell(info, picture_in(observation, self._sensors))


def write_drive(trace: Path, plot: Path, track: Track, result: EvaluationResult, notes: DriveNotes) -> None:
    """Writes a step trace, what lies beside it, and a plot of the laps."""
    write_bytes(trace, "\n".join([TRACE_HEADER, *notes.trace.rows, ""]).encode())
    write_bytes(actions_beside(trace), json_lines(notes.trace.actions.rows))
    if notes.trace.objects.rows:
        write_bytes(objects_beside(trace), json_lines(notes.trace.objects.rows))
    draw_laps(track, load_laps(trace, result.laps), plot, objects=notes.objects[0])
