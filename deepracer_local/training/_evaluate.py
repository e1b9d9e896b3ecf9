"""Driving laps with a trained policy: deterministic, timed in simulated time, without any user code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium

from deepracer_local.domain import EvaluationResult, LapRecord, Outcome
from deepracer_local.training._policy import Policy

StepListener = Callable[[dict[str, Any], Any], None]
"""Called with the ``info`` and the observation of every reset and step."""


def evaluate(
    policy: Policy,
    env: gymnasium.Env[Any, Any],
    *,
    laps: int,
    seed: int = 0,
    on_step: StepListener = lambda _info, _observation: None,
    should_stop: Callable[[], bool] = lambda: False,
    stop_at_failure: bool = False,
    is_continuous: bool = True,
) -> EvaluationResult:
    """Drives ``laps`` laps, one after the other without a stop; after a failed one the car begins at the start again.

    Args:
        policy: chooses the actions.
        env: takes ``reset(options={"number_of_laps": n})`` and reports the laps driven as ``info["laps"]``.
        laps: how many laps or attempts.
        seed: of the first reset; each further one takes the next number.
        on_step: told of every instant.
        should_stop: asked before every step; where it answers True the laps driven so far are the result.
        stop_at_failure: do not try the laps after a failed one.
        is_continuous: False begins every lap at rest at the start.
    """
    records: list[LapRecord] = []
    attempt = 0
    while len(records) < laps and not should_stop():
        observation, info = env.reset(
            seed=seed + attempt, options={"number_of_laps": laps - len(records) if is_continuous else 1}
        )
        on_step(info, observation)
        attempt += 1
        ended = False
        while not ended and not should_stop():
            observation, _, terminated, truncated, info = env.step(policy.act(observation))
            on_step(info, observation)
            ended = terminated or truncated
        if not ended:
            break
        driven: tuple[LapRecord, ...] = info["laps"]
        records += [lap.model_copy(update={"trial": len(records) + lap.trial}) for lap in driven]
        if stop_at_failure and records[-1].outcome is not Outcome.LAP_COMPLETE:
            break
    return EvaluationResult(laps=tuple(records[:laps]), planned_laps=laps)
