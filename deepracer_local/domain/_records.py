"""What happened: one step, one episode, one lap, one policy update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.domain._race import Outcome

Phase = Literal["training", "evaluation"]

RewardParams = dict[str, Any]
"""The dictionary that ``reward_function(params)`` receives; its 27 keys are listed in ``docs/reward_parameters.md``."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One row of the step trace: the instant after the move. Units are the original's (degrees, percent)."""

    steps: int
    x_m: float
    y_m: float
    yaw_deg: float
    steering_angle_deg: float
    speed_mps: float
    """Commanded, as in the original's ``throttle`` column."""
    action: str
    """The index of a discrete action, or ``[s v]``."""
    reward: float
    done: bool
    all_wheels_on_track: bool
    progress: float
    closest_waypoint: int
    track_length_m: float
    time_s: float
    """Simulated time since the start of the episode."""
    outcome: Outcome
    measured_speed_mps: float
    pause_s: float = 0.0
    """The penalty that passed in this step."""
    crashes: int = 0
    """Of the episode so far."""


class LapRecord(BaseModel):
    """One lap or attempt at a lap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trial: int
    """1-based."""
    time_s: float
    """Simulated time with penalties; for a complete lap the crossing of the line is interpolated between two steps."""
    progress: float
    """Percent."""
    steps: int
    outcome: Outcome
    off_tracks: int = 0
    """How often the car left the track, drove backwards or stood still, the last time included."""
    crashes: int = 0
    resets: int = 0
    """How often it was set back on the road."""
    penalty_s: float = 0.0
    """The part of ``time_s`` that is penalties."""

    @property
    def is_complete(self) -> bool:
        """True for a complete lap, whatever happened on the way."""
        return self.outcome is Outcome.LAP_COMPLETE

    @property
    def is_clean(self) -> bool:
        """True for a lap completed without leaving the track or crashing."""
        return self.is_complete and self.resets == 0


class EpisodeSummary(BaseModel):
    """One finished episode."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    episode: int
    """0-based, in the order in which episodes began."""
    number: int = 0
    """0-based, in the order in which episodes ended: the order of the rows."""
    phase: Phase
    iteration: int
    """Policy updates done before this episode ended."""
    total_steps: int
    """Environment steps of the run when it ended."""
    steps: int
    reward: float
    progress: float
    """Percent of the lap, 100 for a complete one."""
    time_s: float
    outcome: Outcome | None
    """None for an environment that reports none."""
    start_ndist: float
    """Share of the lap at which it began."""
    is_reversed: bool
    track: str = ""
    """Of a training on several tracks, the one that was driven; empty in rows of earlier versions."""
    stage: int | None = None
    """The stage of the curriculum in which it was driven, 1-based; None without one."""


class EvaluationResult(BaseModel):
    """The laps of one evaluation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    laps: tuple[LapRecord, ...]
    planned_laps: int = Field(ge=1)
    """How many were asked for; a failed lap may end an evaluation before all are tried."""

    @property
    def mean_progress(self) -> float:
        """Percent, over the planned laps; one that was never tried counts as 0."""
        return sum(lap.progress for lap in self.laps) / self.planned_laps

    @property
    def mean_lap_time_s(self) -> float | None:
        """Over the complete laps; None where there is none."""
        times = [lap.time_s for lap in self.laps if lap.is_complete]
        return sum(times) / len(times) if times else None

    @property
    def best_lap_time_s(self) -> float | None:
        """The shortest complete lap; None where there is none."""
        return min((lap.time_s for lap in self.laps if lap.is_complete), default=None)

    @property
    def best_attempt(self) -> LapRecord:
        """The fastest complete lap, or the attempt that came farthest; there must be one."""
        return min(self.laps, key=lambda lap: (-lap.progress, lap.time_s))

    @property
    def is_clean(self) -> bool:
        """True where every planned lap was completed."""
        return len(self.laps) == self.planned_laps and all(lap.is_clean for lap in self.laps)

    def is_better_than(self, other: EvaluationResult | None) -> bool:
        """The rule for "best": completion first, then lap time; ties go to the newer one."""
        if other is None:
            return True
        mine, theirs = round(self.mean_progress, 3), round(other.mean_progress, 3)
        if mine != theirs:
            return mine > theirs
        infinity = float("inf")
        return (self.mean_lap_time_s or infinity) <= (other.mean_lap_time_s or infinity)


BEST_RULE = "completion first, then mean lap time; ties go to the newer checkpoint"
