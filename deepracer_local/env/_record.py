"""One step as the step trace writes it down."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepracer_local.domain import Command, RewardParams, StepRecord, VehicleState
from deepracer_local.race import RaceState
from deepracer_local.track import Location

ExactAction = int | tuple[float, float]
"""An index, or steering and speed as the environment was given them; as JSON it reads back equal."""


def step_record(
    params: RewardParams,
    race: RaceState,
    location: Location,
    command: Command,
    vehicle: VehicleState,
    *,
    action: ExactAction,
    reward: float,
) -> StepRecord:
    """Returns the row of one instant."""
    return StepRecord(
        race.steps,
        params["x"],
        params["y"],
        params["heading"],
        command.steering_angle_deg,
        command.speed_mps,
        _action_text(action),
        reward,
        race.is_over,
        params["all_wheels_on_track"],
        race.progress,
        location.nearest_index,
        params["track_length"],
        race.time_s,
        race.outcome,
        vehicle.speed_mps,
        race.pause_s,
        race.crashes,
    )


def exact_action(action: Any) -> ExactAction:
    """Returns an action that the action space has decoded, as plain numbers."""
    if np.ndim(action) == 0:
        return int(action)
    return (float(action[0]), float(action[1]))


def _action_text(action: ExactAction) -> str:
    """Returns the trace's column: an index, or ``[s v]`` without a comma, which would break the columns."""
    if isinstance(action, int):
        return str(action)
    return f"[{action[0]:.4f} {action[1]:.4f}]"
