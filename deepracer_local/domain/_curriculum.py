"""A curriculum: the stages that one training goes through, and when it goes on to the next."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from deepracer_local.domain._race import RaceSpec, trainable
from deepracer_local.domain._randomisation import RandomisationSpec
from deepracer_local.domain._records import EvaluationResult
from deepracer_local.domain._track_shares import MAX_TRACKS, TrackShare

MAX_STAGES = 10


class AdvanceRules(BaseModel):
    """When a stage is over; the first rule that is met ends it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    completion: float | None = Field(
        default=None, gt=0, le=100, description="percent: an evaluation of the stage completes at least so much"
    )
    evaluations: int = Field(default=1, ge=1, le=100, description="with completion: so many such evaluations in a row")
    clean_laps: int | None = Field(
        default=None, ge=1, le=100, description="clean evaluation laps in a row, by one policy"
    )
    max_steps: int | None = Field(
        default=None, ge=1, le=10**12, description="environment steps in the stage; it is then left in any case"
    )
    max_minutes: float | None = Field(
        default=None, gt=0, le=14_400, description="of training in the stage; it is then left in any case"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(rule is None for rule in (self.completion, self.clean_laps, self.max_steps, self.max_minutes)):
            raise ValueError("expected completion, clean_laps, max_steps or max_minutes, got none of them")
        if self.completion is None and self.evaluations != 1:
            raise ValueError("expected completion beside evaluations, got none")
        return self


class Stage(BaseModel):
    """One stage, with everything said."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=40)
    tracks: tuple[TrackShare, ...] = Field(min_length=1, max_length=MAX_TRACKS, description="the main one first")
    race: RaceSpec = RaceSpec()
    randomisation: RandomisationSpec = RandomisationSpec()
    max_speed_mps: float | None = Field(
        default=None, ge=0.1, le=4, description="faster commands of the policy are driven at this speed; null: none is"
    )
    advance: AdvanceRules | None = Field(default=None, description="when it is over; null in the last stage")

    @field_validator("race")
    @classmethod
    def _one_that_can_be_trained_for(cls, value: RaceSpec) -> RaceSpec:
        trainable(value.race_type)
        return value

    @field_validator("tracks")
    @classmethod
    def _each_once(cls, value: tuple[TrackShare, ...]) -> tuple[TrackShare, ...]:
        labels = [road.label for road in value]
        if len(set(labels)) < len(labels):
            raise ValueError(f"expected each track once in each direction, got {', '.join(labels)}")
        return value


class Curriculum(BaseModel):
    """The stages of a training in their order; the last one is what it is all for."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    stages: tuple[Stage, ...] = Field(min_length=2, max_length=MAX_STAGES)
    look_back_every: int = Field(
        default=5, ge=0, le=10_000, description="evaluations between two looks at the stages that were left; 0: never"
    )
    forgotten_points: float = Field(
        default=20.0,
        gt=0,
        le=100,
        description="a stage is forgotten whose completion falls by more than this below what it was when it was left",
    )

    @field_validator("stages")
    @classmethod
    def _fits_together(cls, value: tuple[Stage, ...], info: ValidationInfo) -> tuple[Stage, ...]:
        for number, stage in enumerate(value, 1):
            told = f"stage {number} ({stage.name}):"
            is_last = number == len(value)
            if any(stage.name == other.name for other in value[: number - 1]):
                raise ValueError(f"{told} expected a name of its own, got that of an earlier stage")
            if not is_last and stage.advance is None:
                raise ValueError(f"{told} expected advance, which says when it is over, got none")
            if is_last and stage.advance is not None:
                raise ValueError(f"{told} expected no advance in the last stage, which the training's stop rules end")
            if is_last and stage.max_speed_mps is not None:
                raise ValueError(
                    f"{told} expected no max_speed_mps in the last stage: it would not hold on the car. Lower the "
                    "speeds of the action space"
                )
        return value

    @property
    def labels(self) -> tuple[str, ...]:
        """What messages call the stages: ``stage 2 (boxes)``."""
        return tuple(f"stage {number} ({stage.name})" for number, stage in enumerate(self.stages, 1))

    def is_forgotten(self, then: float | None, now: float) -> bool:
        """Tells whether a stage is forgotten.

        Args:
            then: its completion in percent when it was left; None where it was never evaluated.
            now: its completion.
        """
        return then is not None and round(then - now, 6) > self.forgotten_points


class StageProgress(BaseModel):
    """How far a training is in its present stage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: int = Field(default=0, ge=0)
    """0-based; always 0 without a curriculum."""
    began_steps: int = 0
    """Environment steps of the training when the stage began."""
    began_seconds: float = 0.0
    """Seconds of training when it began."""
    evaluations: int = 0
    """Driven in this stage."""
    good_evaluations: int = 0
    """The newest ones, in a row, with the completion that the stage asks for."""
    clean_laps: int = 0
    """Clean laps in a row at the end of the newest evaluation."""
    completion: float | None = None
    """Percent, of the newest evaluation."""

    def after(self, evaluation: EvaluationResult, rules: AdvanceRules | None) -> StageProgress:
        """Returns the progress after one more evaluation of the stage."""
        completion = evaluation.mean_progress
        wanted = rules.completion if rules is not None else None
        is_good = wanted is not None and round(completion, 3) >= wanted
        return self.model_copy(
            update={
                "evaluations": self.evaluations + 1,
                "good_evaluations": self.good_evaluations + 1 if is_good else 0,
                "clean_laps": clean_laps_at_the_end(evaluation),
                "completion": completion,
            }
        )

    def next_stage(self, *, total_steps: int, training_seconds: float) -> StageProgress:
        """Returns the progress at the beginning of the stage after this one."""
        return StageProgress(stage=self.stage + 1, began_steps=total_steps, began_seconds=training_seconds)


def advance_reason(
    rules: AdvanceRules | None, progress: StageProgress, *, total_steps: int, training_seconds: float
) -> str | None:
    """Returns why a stage is over, as a sentence's end, or None where it goes on.

    Args:
        rules: of the stage; None for one that is never left.
        progress: in it.
        total_steps: of the training.
        training_seconds: of the training.
    """
    if rules is None:
        return None
    if rules.completion is not None and progress.good_evaluations >= rules.evaluations:
        times = "" if rules.evaluations == 1 else f" in {rules.evaluations} evaluations in a row"
        return f"completion of {rules.completion:g} %{times}"
    if rules.clean_laps is not None and progress.clean_laps >= rules.clean_laps:
        return f"{progress.clean_laps} clean evaluation laps in a row"
    steps = total_steps - progress.began_steps
    if rules.max_steps is not None and steps >= rules.max_steps:
        return f"{steps} steps"
    if rules.max_minutes is not None and training_seconds - progress.began_seconds >= rules.max_minutes * 60.0:
        return f"{rules.max_minutes:g} minutes"
    return None


def clean_laps_at_the_end(evaluation: EvaluationResult) -> int:
    """Returns how many clean laps in a row an evaluation ends with."""
    count = 0
    for lap in evaluation.laps:
        count = count + 1 if lap.is_clean else 0
    return count
