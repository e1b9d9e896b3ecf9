"""The evaluation during a training that drives on several tracks: laps on each, one result."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gymnasium

from deepracer_local.domain import EvaluationResult, LapRecord, spread_laps
from deepracer_local.training._evaluate import evaluate
from deepracer_local.training._policy import Policy

RoadListener = Callable[[str, dict[str, Any], Any], None]
"""Called with the road's label, the ``info`` and the observation of every reset and step."""


class Road(NamedTuple):
    """A track to evaluate on."""

    label: str
    env: gymnasium.Env[Any, Any]


class Tour(NamedTuple):
    """What came of driving on all roads."""

    result: EvaluationResult
    """All laps, numbered through in the order of the roads."""
    tracks: tuple[dict[str, Any], ...]
    """A row for each road: its laps' numbers, completion and lap time; empty where there is only one."""


def evaluate_tour(
    policy: Policy,
    roads: Sequence[Road],
    *,
    laps: int,
    on_step: RoadListener,
    should_stop: Callable[[], bool],
    is_continuous: bool = True,
) -> Tour:
    """Drives ``laps`` laps, spread over the roads; of laps in a row, a failed one ends those on its road.

    Laps that are not continuous begin at rest, and each with its own draw of what is drawn for an episode: one that
    fails says little about the next, so all of them are tried.

    Law: the completion of the whole is the mean over all planned laps, so no road can be given up for another.
    """
    records: list[LapRecord] = []
    rows: list[dict[str, Any]] = []
    planned = spread_laps(len(roads), laps)
    for road, n_laps in zip(roads, planned, strict=True):
        result = evaluate(
            policy,
            road.env,
            laps=n_laps,
            on_step=functools.partial(on_step, road.label),
            should_stop=should_stop,
            stop_at_failure=is_continuous,
            is_continuous=is_continuous,
        )
        first = len(records) + 1
        records += [lap.model_copy(update={"trial": first + i}) for i, lap in enumerate(result.laps)]
        rows.append(
            {
                "track": road.label,
                "trials": list(range(first, len(records) + 1)),
                "mean_progress": result.mean_progress,
                "mean_lap_time_s": result.mean_lap_time_s,
            }
        )
    whole = EvaluationResult(laps=tuple(records), planned_laps=sum(planned))
    return Tour(whole, tuple(rows) if len(roads) > 1 else ())


def by_track(episodes: Sequence[Any]) -> dict[str, dict[str, float]]:
    """Returns number, mean reward and mean progress of finished episodes for each of their tracks."""
    found: dict[str, list[Any]] = {}
    for episode in episodes:
        found.setdefault(episode.track, []).append(episode)
    return {
        track: {
            "episodes": len(own),
            "mean_reward": sum(episode.reward for episode in own) / len(own),
            "mean_progress": sum(episode.progress for episode in own) / len(own),
        }
        for track, own in sorted(found.items())
    }
