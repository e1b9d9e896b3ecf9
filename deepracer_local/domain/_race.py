"""What a race asks of the car, and how an episode can end."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, field_validator

from deepracer_local.domain._race_objects import RaceObjects, RaceType
from deepracer_local.errors import SpecError

CONTROL_RATE_HZ = 15
"""Control steps per simulated second: one camera frame each."""


class Outcome(StrEnum):
    """What an instant of an episode is; the values are the original's ``episode_status``."""

    PREPARE = "prepare"
    IN_PROGRESS = "in_progress"
    LAP_COMPLETE = "lap_complete"
    OFF_TRACK = "off_track"
    CRASHED = "crashed"
    REVERSED = "reversed"
    IMMOBILIZED = "immobilized"
    TIME_UP = "time_up"
    PAUSE = "pause"
    """The car was set back after a fault; its penalty is over."""

    @property
    def label(self) -> str:
        """The wording of the original's metrics files, for example ``Off track``."""
        return {"time_up": "Time Up"}.get(self.value, self.value.replace("_", " ").capitalize())

    @property
    def ends_episode(self) -> bool:
        """True for every outcome that stops the car, where the rules do not set it back."""
        return self not in {Outcome.PREPARE, Outcome.IN_PROGRESS, Outcome.PAUSE}


class TrainingRace(RaceObjects):
    """What a training may choose of a race."""

    start_position: Literal["round_robin", "random", "fixed"] = Field(
        default="round_robin", description="where training episodes begin; evaluation always begins at the offset"
    )
    start_position_offset: float = Field(
        default=0.0, ge=0, lt=1, description="share of the lap from the track's first row"
    )
    round_robin_advance_dist: float = Field(
        default=0.05, ge=0, le=1, description="share of the lap from start to start"
    )
    alternate_driving_direction: bool = Field(default=False, description="turn round after every training episode")

    @field_validator("race_type")
    @classmethod
    def _can_be_trained_for(cls, value: RaceType) -> RaceType:
        return trainable(value)


class EvaluationRace(RaceObjects):
    """What an evaluation may choose of a race."""

    start_position_offset: float = Field(
        default=0.0, ge=0, lt=1, description="share of the lap from the track's first row"
    )
    is_continuous: bool = Field(
        default=True, description="laps follow each other without a stop; otherwise each begins at rest at the line"
    )
    number_of_resets: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="how often in an attempt the car is set back on the road after a fault; 0: the first one ends it",
    )
    off_track_penalty: float = Field(
        default=2.0, ge=0, le=60, description="seconds that leaving the track, or driving backwards, costs"
    )
    collision_penalty: float = Field(default=5.0, ge=0, le=60, description="seconds that a crash costs")


class RaceSpec(TrainingRace, EvaluationRace):
    """The rules of one race. Field names follow the original's settings in lower case."""

    reverse_dir: bool = Field(default=False, description="drive against the order of the track's rows")
    number_of_laps: int = Field(
        default=1, ge=1, le=100, description="laps driven without a stop before the episode ends"
    )
    max_steps: int = Field(default=100_000, ge=2, le=100_000, description="control steps of one episode, then TIME_UP")
    number_of_reverse_counts: int = Field(
        default=15, ge=1, description="steps of falling progress that end the episode"
    )
    immobilized_counts: int = Field(default=15, ge=1, description="steps of standing still that end the episode")
    immobilized_distance_m: float = Field(
        default=0.0003, ge=0, description="less than this in one step is standing still"
    )

    @field_validator("race_type")
    @classmethod
    def _can_be_trained_for(cls, value: RaceType) -> RaceType:
        return value  # of an evaluation, too


def trainable(race_type: RaceType) -> RaceType:
    """Returns the type of a race that a training may have.

    Raises:
        ValueError: it is one of evaluations only.
    """
    if race_type == "HEAD_TO_MODEL":
        raise ValueError(
            "expected TIME_TRIAL, OBJECT_AVOIDANCE or HEAD_TO_BOT in a training, got HEAD_TO_MODEL. Train with one of "
            "these, then evaluate the model against an opponent"
        )
    return race_type


def with_opponent(given: Mapping[str, Any], *, has_opponent: bool) -> dict[str, Any]:
    """Returns the fields of an evaluation's race; an opponent makes it one of the type ``HEAD_TO_MODEL``.

    Raises:
        SpecError: the type of the race and the opponent do not belong together.
    """
    race_type = given.get("race_type", "HEAD_TO_MODEL" if has_opponent else None)
    if has_opponent and race_type != "HEAD_TO_MODEL":
        raise SpecError(
            f"opponent: expected one with race_type HEAD_TO_MODEL only, got race_type {race_type}. Leave the opponent "
            "or the race_type out.",
            field="opponent",
        )
    if race_type == "HEAD_TO_MODEL" and not has_opponent:
        raise SpecError(
            "opponent: expected the model to race against with race_type HEAD_TO_MODEL, got none. Name one.",
            field="opponent",
        )
    return {"race_type": race_type, **given} if has_opponent else dict(given)


def evaluation_race(own: RaceObjects, given: Mapping[str, Any]) -> EvaluationRace:
    """Returns what an evaluation asks for: what names no ``race_type`` keeps the objects of the training.

    Args:
        own: of the training.
        given: fields of an ``EvaluationRace``.

    Raises:
        ValidationError: the fields are not usable.
    """
    objects = {} if "race_type" in given else dict(own.model_dump(include=set(RaceObjects.model_fields)))
    return EvaluationRace.model_validate({**objects, **given})
