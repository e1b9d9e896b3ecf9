"""Evaluation laps of a training: in a row, or each as an attempt of its own."""

from __future__ import annotations

from typing import Any

import gymnasium
import pytest

from deepracer_local.domain import LapRecord, Outcome
from deepracer_local.training import Road
from deepracer_local.training._tour import evaluate_tour


class ShortRoad(gymnasium.Env[int, int]):
    """A lap takes one step; remembers with which seeds it was begun."""

    def __init__(self) -> None:
        self.seeds: list[int | None] = []

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        self.seeds.append(seed)
        self._planned = (options or {})["number_of_laps"]
        self._laps: tuple[LapRecord, ...] = ()
        return 0, {"laps": ()}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        lap = LapRecord(trial=len(self._laps) + 1, time_s=1.0, progress=100.0, steps=1, outcome=Outcome.LAP_COMPLETE)
        self._laps += (lap,)
        return 0, 0.0, len(self._laps) == self._planned, False, {"laps": self._laps}


class Idle:
    def act(self, observation: Any) -> int:
        return 0


@pytest.mark.parametrize(("is_continuous", "seeds"), [(True, [0]), (False, [0, 1, 2])], ids=["in a row", "apart"])
def test_laps_apart_are_drawn_anew_each(is_continuous: bool, seeds: list[int]) -> None:
    road = ShortRoad()

    tour = evaluate_tour(
        Idle(),
        [Road("short", road)],
        laps=3,
        on_step=lambda _road, _info, _observation: None,
        should_stop=lambda: False,
        is_continuous=is_continuous,
    )

    assert road.seeds == seeds
    assert [lap.trial for lap in tour.result.laps] == [1, 2, 3]
    assert tour.result.is_clean
