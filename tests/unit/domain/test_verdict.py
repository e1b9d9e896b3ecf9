"""Who has won a race of two."""

from __future__ import annotations

import pytest

from deepracer_local.domain import EvaluationResult, LapRecord, Outcome, Verdict, verdict_of


def result(*laps: tuple[float, float], planned: int = 2) -> EvaluationResult:
    """Returns laps of so many seconds and percent."""
    records = [
        LapRecord(
            trial=i + 1,
            time_s=time_s,
            progress=progress,
            steps=10,
            outcome=Outcome.LAP_COMPLETE if progress == 100 else Outcome.CRASHED,
        )
        for i, (time_s, progress) in enumerate(laps)
    ]
    return EvaluationResult(laps=tuple(records), planned_laps=planned)


THROUGH = result((10.0, 100.0), (9.0, 100.0))


@pytest.mark.parametrize(
    ("model", "opponent", "verdict"),
    [
        (THROUGH, result((9.5, 100.0), (9.75, 100.0)), ("model", 0.25)),
        (THROUGH, THROUGH, ("nobody", 0.0)),
        (THROUGH, result((1.0, 99.0)), ("model", None)),
        (result((5.0, 100.0), (1.0, 10.0)), result((1.0, 60.0)), ("model", None)),
        (result((1.0, 60.0)), result((9.0, 60.0)), ("nobody", None)),
        (result((5.0, 100.0)), THROUGH, ("opponent", None)),
    ],
    ids=["less-time", "as-long", "only-one-through", "further", "as-far", "laps-left-out"],
)
def test_the_verdict_is_of_time_and_then_of_distance(
    model: EvaluationResult, opponent: EvaluationResult, verdict: tuple[str, float | None]
) -> None:
    found, exchanged = verdict_of(model, opponent), verdict_of(opponent, model)

    assert (found.winner, found.margin_s) == verdict
    other = {"model": "opponent", "opponent": "model", "nobody": "nobody"}[found.winner]
    assert exchanged == Verdict.model_validate({**found.model_dump(), "winner": other})
