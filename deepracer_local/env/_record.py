"""One step as the step trace writes it down."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepracer_local.domain import Command, RewardParams, StepRecord, VehicleState
from deepracer_local.race import RaceState
from deepracer_local.track import Location


def step_record(
    params: RewardParams,
    race: RaceState,
    location: Location,
    command: Command,
    vehicle: VehicleState,
    *,
    action: str,
    reward: float,
) -> StepRecord:
    """Returns the row of one instant; ``action`` as ``action_text`` writes it."""
    return StepRecord(
        race.steps,
        params["x"],
        params["y"],
        params["heading"],
        command.steering_angle_deg,
        command.speed_mps,
        action,
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


def action_text(action: Any) -> str:
    """Returns the trace's column: an index, or ``[s v]`` without a comma, which would break the columns."""
    if np.ndim(action) == 0:
        return str(int(action))
    return f"[{float(action[0]):.4f} {float(action[1]):.4f}]"
