"""What a policy made of each picture of a lap, as ``insight-N.json`` beside the lap's trace holds it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.domain._metadata import ContinuousActions, DiscreteAction


class InsightStep(BaseModel):
    """One decision: what the car saw, what it made of it, and what it then did."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    step: int = Field(ge=1, description="of the lap, the first is 1; row `step - 1` of the lap's step trace")
    time_s: float = Field(description="simulated seconds since the episode began")
    x_m: float
    y_m: float
    yaw_deg: float
    progress: float = Field(description="percent of the lap")
    speed_mps: float = Field(description="measured")
    frame: str = Field(description="the grey on-board picture, every pixel as the network got it: WebP, base64")
    saliency: str = Field(
        description="`rows` times `columns` signed bytes row by row from the top left, base64: what each cell of the "
        "picture adds to the log-probability of the chosen action, 127 for `strongest`"
    )
    strongest: float = Field(ge=0, description="largest absolute share of a cell, in natural units of log-probability")
    probabilities: tuple[float, ...] | None = Field(description="of each action; null for continuous actions")
    action: int | None = Field(description="index of the chosen action; null for continuous actions")
    steering_angle_deg: float = Field(description="chosen, left is positive")
    chosen_speed_mps: float
    steering_deviation_deg: float | None = Field(description="standard deviation; null for discrete actions")
    speed_deviation_mps: float | None = Field(description="standard deviation; null for discrete actions")
    value: float = Field(description="discounted reward that the value network expects from here on")


class LapInsight(BaseModel):
    """What a policy made of each picture of a lap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    lap: int = Field(ge=1)
    laps: tuple[int, ...] = Field(description="the laps of this evaluation that can be looked into")
    track: str
    checkpoint: str
    width_px: int
    height_px: int
    columns: int
    rows: int
    action_space: tuple[DiscreteAction, ...] | ContinuousActions
    steps: tuple[InsightStep, ...]
