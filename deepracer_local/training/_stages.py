"""The environments of a training, stage by stage; a training without a curriculum has one stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gymnasium

from deepracer_local.domain import AdvanceRules, Curriculum, TrainSpec, advance_reason
from deepracer_local.training._boundary import Counters
from deepracer_local.training._policy import Policy
from deepracer_local.training._tour import Road, evaluate_tour

Environment = gymnasium.Env[Any, Any]

SEEDS_PER_STAGE = 1_000
"""By so much the seeds of one stage lie beyond those of the one before: no car draws again what another one drew."""


class StageEnvironments(NamedTuple):
    """What is driven in one stage."""

    training: tuple[Callable[[], Environment], ...]
    """Makes the environment of each car."""
    roads: tuple[Road, ...]
    """For the evaluation laps, the main track first."""


EnvironmentsOf = Callable[[int], StageEnvironments]
"""Returns what is driven in a stage, counted from 0."""


def one_stage(spec: TrainSpec, make_env: Callable[[int], Environment], *evaluations: Environment) -> EnvironmentsOf:
    """Returns the environments of a training that has one stage only.

    Args:
        spec: says how many cars there are, and the roads.
        make_env: makes the training environment of a car from 0 to ``spec.n_envs - 1``.
        evaluations: for the evaluation laps on each of the roads.
    """

    def environments(_stage: int) -> StageEnvironments:
        makers = tuple((lambda rank=rank: make_env(rank)) for rank in range(spec.n_envs))
        roads = tuple(Road(road.label, env) for road, env in zip(spec.roads, evaluations, strict=True))
        return StageEnvironments(makers, roads)

    return environments


class LookBack(NamedTuple):
    """How the policy drives in a stage that was left."""

    stage: int
    """0-based."""
    completion: float
    """Percent, now."""
    then: float | None
    """Percent, when the stage was left; None where it was never evaluated."""
    is_forgotten: bool

    def row(self) -> dict[str, Any]:
        """Returns it as ``evaluations.jsonl`` has it."""
        return {
            "stage": self.stage + 1,
            "mean_progress": self.completion,
            "when_left": self.then,
            "is_forgotten": self.is_forgotten,
        }


class Stages:
    """The stages of one training: what they are made of, and how those that were left are driven now."""

    def __init__(self, spec: TrainSpec, environments: EnvironmentsOf) -> None:
        self._spec = spec
        self._environments = environments
        self._opened: dict[int, StageEnvironments] = {}
        self._specs = [spec.in_stage(stage) for stage in range(spec.n_stages)]

    @property
    def last(self) -> int:
        """The last stage."""
        return len(self._specs) - 1

    def spec(self, stage: int) -> TrainSpec:
        """Returns the training as it is in a stage."""
        return self._specs[stage]

    def roads(self, stage: int) -> tuple[Road, ...]:
        """Returns where the evaluations of a stage drive; they stay open for later looks at it."""
        return self._open(stage).roads

    def makers(self, stage: int) -> tuple[Callable[[], Environment], ...]:
        """Returns what makes the training environments of a stage."""
        return self._open(stage).training

    def seed(self, stage: int) -> int:
        """Returns the seed of the first car of a stage; each further car has the next number."""
        return self._spec.seed + SEEDS_PER_STAGE * stage

    def car_labels(self, stage: int) -> list[str]:
        """Returns the label of the road that each car drives on."""
        spec = self._specs[stage]
        return [road.label for road, n in zip(spec.roads, spec.cars_per_road, strict=True) for _ in range(n)]

    def number(self, stage: int) -> int | None:
        """Returns what rows call a stage: counted from 1, or None where there is only one."""
        return stage + 1 if self._spec.curriculum is not None else None

    def field(self, stage: int) -> dict[str, int]:
        """Returns the field ``stage`` of a row; nothing where there is only one."""
        return {} if self._spec.curriculum is None else {"stage": stage + 1}

    def progress(self, stage: int, forgotten: Sequence[int]) -> dict[str, Any]:
        """Returns what ``progress.json`` says of a stage and of those that are forgotten; nothing without several."""
        if self._spec.curriculum is None:
            return {}
        name = self._spec.curriculum.stages[stage].name
        told = [number + 1 for number in forgotten]
        return {"stage": stage + 1, "stages": len(self._specs), "stage_name": name, "forgotten_stages": told}

    def label(self, stage: int) -> str:
        """Returns what messages call a stage."""
        curriculum = self._spec.curriculum
        return curriculum.labels[stage] if curriculum is not None else "the training"

    def is_look_back_due(self, stage: int, evaluations: int) -> bool:
        """Tells whether the evaluation of this number within its stage also drives in the stages before it."""
        every = 0 if self._spec.curriculum is None else self._spec.curriculum.look_back_every
        return stage > 0 and every > 0 and evaluations % every == 0

    def look_back(
        self, policy: Policy, left: Sequence[float | None], *, should_stop: Callable[[], bool]
    ) -> tuple[LookBack, ...]:
        """Drives the evaluation laps of the stages that were left.

        Args:
            policy: of now.
            left: the completion of each of these stages when it was left.
            should_stop: asked before every step; what comes of it is then of no use.
        """
        curriculum = self._spec.curriculum
        assert curriculum is not None
        return tuple(self._looked_back(curriculum, stage, policy, then, should_stop) for stage, then in enumerate(left))

    def rules(self, stage: int) -> AdvanceRules | None:
        """Returns when a stage is over; None for the last one."""
        curriculum = self._spec.curriculum
        return None if curriculum is None else curriculum.stages[stage].advance

    def advance(self, counters: Counters) -> str | None:
        """Makes ``counters`` those of the next stage where the present one is over; returns a sentence, or None.

        Law: the best checkpoint is that of the last stage that was evaluated; the best lap is of the last of all.
        """
        now = counters.stage
        reason = advance_reason(
            self.rules(now.stage), now, total_steps=counters.total_steps, training_seconds=counters.training_seconds
        )
        if reason is None:
            return None
        counters.left.append(now.completion)
        counters.stage = now.next_stage(total_steps=counters.total_steps, training_seconds=counters.training_seconds)
        counters.clean_laps_in_a_row = 0
        counters.best_evaluation = None
        return f"{self.label(now.stage)} is over: {reason}; {self.label(now.stage + 1)} begins"

    def note_forgotten(self, counters: Counters, looks: Sequence[LookBack]) -> list[str]:
        """Notes in ``counters`` which stages are forgotten; returns a sentence on each that was not before."""
        before = counters.forgotten
        lost = [look for look in looks if look.is_forgotten]
        counters.forgotten = [look.stage for look in lost]
        return [
            f"{self.label(look.stage)} is forgotten: completion {look.then or 0.0:.0f} % when it was left, "
            f"{look.completion:.0f} % now"
            for look in lost
            if look.stage not in before
        ]

    def close(self) -> None:
        """Closes what evaluations drove in."""
        for opened in self._opened.values():
            for road in opened.roads:
                road.env.close()

    def _looked_back(
        self, curriculum: Curriculum, stage: int, policy: Policy, then: float | None, should_stop: Callable[[], bool]
    ) -> LookBack:
        laps = self._specs[stage].evaluation_laps
        tour = evaluate_tour(
            policy, self.roads(stage), laps=laps, on_step=lambda _info, _seen: None, should_stop=should_stop
        )
        completion = tour.result.mean_progress
        return LookBack(stage, completion, then, curriculum.is_forgotten(then, completion))

    def _open(self, stage: int) -> StageEnvironments:
        if stage not in self._opened:
            self._opened[stage] = self._environments(stage)
        return self._opened[stage]
