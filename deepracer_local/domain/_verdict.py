"""Who has won a race between two models, and by what."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from deepracer_local.domain._records import EvaluationResult

Winner = Literal["model", "opponent", "nobody"]


class Verdict(BaseModel):
    """Who has won a race of the type ``HEAD_TO_MODEL``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    winner: Winner
    reason: str
    """A sentence without its subject: what the winner did better, or why nobody has won."""
    margin_s: float | None = None
    """Seconds between the two, penalties included; None unless both completed all laps."""


def verdict_of(model: EvaluationResult, opponent: EvaluationResult) -> Verdict:
    """Returns who has won: who completed all laps, in less time if both did; otherwise who came further.

    Law: exchanged arguments exchange the winner and nothing else.
    """
    mine, theirs = _is_through(model), _is_through(opponent)
    if mine and theirs:
        own_s, other_s = _time_s(model), _time_s(opponent)
        if own_s == other_s:
            return Verdict(winner="nobody", reason=f"both took {own_s:.3f} s", margin_s=0.0)
        winner: Winner = "model" if own_s < other_s else "opponent"
        margin_s = abs(own_s - other_s)
        first_s, second_s = sorted((own_s, other_s))
        return Verdict(
            winner=winner, reason=f"took {first_s:.3f} s, the other {second_s:.3f} s", margin_s=round(margin_s, 6)
        )
    if mine or theirs:
        n_laps = model.planned_laps
        reason = f"completed {'the lap' if n_laps == 1 else f'all {n_laps} laps'}, the other did not"
        return Verdict(winner="model" if mine else "opponent", reason=reason)
    own, other = _laps_driven(model), _laps_driven(opponent)
    if own == other:
        return Verdict(winner="nobody", reason=f"both came {own:.3f} laps far")
    further, less = max(own, other), min(own, other)
    return Verdict(
        winner="model" if own > other else "opponent",
        reason=f"came {further:.3f} laps far, the other {less:.3f}",
    )


def _is_through(result: EvaluationResult) -> bool:
    return len(result.laps) == result.planned_laps and all(lap.is_complete for lap in result.laps)


def _time_s(result: EvaluationResult) -> float:
    return sum(lap.time_s for lap in result.laps)


def _laps_driven(result: EvaluationResult) -> float:
    return sum(lap.progress for lap in result.laps) / 100.0
