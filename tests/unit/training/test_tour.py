"""Evaluation laps of a training: in a row, or each as an attempt of its own."""

from __future__ import annotations

from typing import Any

import gymnasium
import pytest

from deepracer_local.domain import EvaluationResult, LapRecord, Outcome
from deepracer_local.training import Road
from deepracer_local.training._tour import evaluate_tour


class ShortRoad(gymnasium.Env[int, int]):
    """A lap takes one step, and fails where that is wished; remembers with which seeds it was begun."""

    def __init__(self, *, fails: bool = False) -> None:
        self.seeds: list[int | None] = []
        self._outcome = Outcome.CRASHED if fails else Outcome.LAP_COMPLETE
        self._progress = 40.0 if fails else 100.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        self.seeds.append(seed)
        self._planned = (options or {})["number_of_laps"]
        self._laps: tuple[LapRecord, ...] = ()
        return 0, {"laps": ()}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        lap = LapRecord(trial=len(self._laps) + 1, time_s=1.0, progress=self._progress, steps=1, outcome=self._outcome)
        self._laps += (lap,)
        is_over = len(self._laps) == self._planned or self._outcome is Outcome.CRASHED
        return 0, 0.0, is_over, False, {"laps": self._laps}


class Idle:
    def act(self, observation: Any) -> int:
        return 0


def drive(road: ShortRoad, *, is_continuous: bool) -> EvaluationResult:
    return evaluate_tour(
        Idle(),
        [Road("short", road)],
        laps=3,
        on_step=lambda _road, _info, _observation: None,
        should_stop=lambda: False,
        is_continuous=is_continuous,
    ).result


@pytest.mark.parametrize(("is_continuous", "seeds"), [(True, [0]), (False, [0, 1, 2])], ids=["in a row", "apart"])
def test_laps_apart_are_drawn_anew_each(is_continuous: bool, seeds: list[int]) -> None:
    road = ShortRoad()

    result = drive(road, is_continuous=is_continuous)

    assert road.seeds == seeds
    assert [lap.trial for lap in result.laps] == [1, 2, 3]
    assert result.is_clean


def test_a_failed_lap_ends_those_in_a_row() -> None:
    result = drive(ShortRoad(fails=True), is_continuous=True)

    assert len(result.laps) == 1
    assert result.mean_progress == pytest.approx(40.0 / 3)


def test_of_laps_apart_all_are_driven() -> None:
    result = drive(ShortRoad(fails=True), is_continuous=False)

    assert len(result.laps) == 3
    assert result.mean_progress == pytest.approx(40.0)
