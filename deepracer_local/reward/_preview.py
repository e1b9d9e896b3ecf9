"""Running a reward function over whole laps and over a grid of places, to paint what it pays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from deepracer_local.domain import (
    DEFAULT_SANDBOX,
    Outcome,
    RewardParams,
    RewardSamples,
    RoadObject,
    SampledState,
    SampleGrid,
    SampleLap,
    SandboxOptions,
    objects_json,
)
from deepracer_local.errors import RewardError
from deepracer_local.reward._behaviour import Rewards, find_painted
from deepracer_local.reward._check import CHECK_LIMITS, MAX_PRINTED_CHARS, check_with, in_order
from deepracer_local.reward._findings import CheckReport, Finding, FindingKind
from deepracer_local.reward._source import RewardSource
from deepracer_local.reward._user_file import UserFile
from deepracer_local.reward.sandbox import ChildProcess, SandboxedReward, open_sandbox

PAINT_BUDGET_S = 2.0
"""What is not painted by then stays unpainted."""
_FIRST_STATES = 8
"""Tell how long a call takes before many are asked for at once."""
_MOST_STATES = 512
_QUESTION_S = 0.1
"""About so long one question may take, so that a slow function is noticed."""
_MAX_FAILURES = 64
"""A function that fails more often, and more often than not, is not asked on."""
_OUTLIERS = 0.02
"""So large a share of the rewards lies beyond each end of the scale of colours."""
_PAIRS = {"closest_waypoints", "closest_objects"}
"""Parameters that are two indices."""
_TRIAL_CAR, _LAP_CAR, _GRID_CAR = range(3)
"""What a function remembers of the trial must not show on the laps, nor these on the grid."""


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """What a trial found, and the rewards to paint: None where the function failed or there was no time."""

    check: CheckReport
    laps: tuple[SampleLap, ...]
    lap_rewards: tuple[Rewards, ...]
    grid: SampleGrid
    grid_rewards: Rewards
    cut: str | None
    """A sentence for the user where not everything was tried."""
    objects: Sequence[Sequence[RoadObject]] = ()
    """What is on the road at the start and after each step; the start alone where nothing moves. ``preview_reward``
    leaves it to the one who made the laps."""

    def to_json(self, *, with_params: bool = False) -> dict[str, Any]:
        """Returns the report as the API and ``reward preview --json`` give it.

        Args:
            with_params: add what the function was told in every step and place, and what is on the road.
        """
        n_instants = 1 + max((len(lap.states) for lap in self.laps), default=0)
        rows = (*self.lap_rewards, self.grid_rewards)
        paid = sorted(reward for row in rows for reward in row if reward is not None)
        return {
            **self.check.to_json(),
            "laps": [
                _lap_fields(lap, rewards, with_params=with_params)
                for lap, rewards in zip(self.laps, self.lap_rewards, strict=True)
            ],
            "grid": _grid_fields(self.grid, self.grid_rewards, with_params=with_params),
            "low": paid[0] if paid else None,
            "high": paid[-1] if paid else None,
            "scale_low": paid[int(_OUTLIERS * len(paid))] if paid else None,
            "scale_high": paid[-1 - int(_OUTLIERS * len(paid))] if paid else None,
            "objects": [objects_json(instant) for instant in self.objects[:n_instants]] if with_params else None,
            "cut": self.cut,
        }


@dataclass(slots=True)
class _Painted:
    laps: list[list[float | None]] = field(default_factory=list)
    grid: list[float | None] = field(default_factory=list)
    failures: list[tuple[RewardError, SampledState]] = field(default_factory=list)
    n_tried: int = 0
    n_states: int = 0
    cut: str | None = None


def preview_reward(
    text: str,
    samples: RewardSamples,
    laps: Sequence[SampleLap],
    grid: SampleGrid,
    *,
    filename: str = "reward_function.py",
    options: SandboxOptions = DEFAULT_SANDBOX,
    take_child: Callable[[], ChildProcess | None] = lambda: None,
    parsing: AbstractContextManager[object] | None = None,
) -> PreviewReport:
    """Does all that ``check_reward`` does, and in the same child runs the function over laps and a grid.

    Each lap is an episode, driven in order, so that a function with a memory sees what it would see in a training; the
    trial, the laps and the grid have the module to themselves. Failures on a lap are errors, on the grid warnings.

    Args:
        text: of the user's file.
        samples: what to try it on.
        laps: the laps.
        grid: places that have nothing to do with each other.
        filename: as the messages name it.
        options: how this machine runs somebody's code.
        take_child: gives a process that was started ahead of time, or None; asked for only when the text can be read.
        parsing: as in ``check_reward``.

    Raises:
        SandboxError: as in ``check_reward``.
    """
    printed: list[str] = []
    missing: tuple[str, ...] = ()
    painted = _Painted()

    @contextmanager
    def opened(source: RewardSource) -> Iterator[SandboxedReward]:
        nonlocal missing
        reward = open_sandbox(
            source.text, filename=filename, n_cars=3, limits=CHECK_LIMITS, options=options, child=take_child()
        )
        missing = () if reward.wall.is_up else reward.wall.missing
        try:
            yield reward
            _paint(reward, laps, grid, painted)
        finally:
            printed.extend(it.text for it in reward.take_printed())
            reward.close()

    report = check_with(opened, text, samples, filename=filename, parsing=parsing)
    rows = [painted.laps[i] if i < len(painted.laps) else [] for i in range(len(laps))]
    lap_rewards = tuple(_filled(row, len(lap.states)) for row, lap in zip(rows, laps, strict=True))
    grid_rewards = _filled(painted.grid, len(grid.states))
    found = _failures(UserFile(text, filename), painted, {it.line for it in report.findings if it.is_error})
    known = {it.rule for it in report.findings}
    found += find_painted([lap.states for lap in laps], lap_rewards, grid.states, grid_rewards, known)
    report = replace(
        report,
        findings=in_order([*report.findings, *found]),
        printed="".join(printed)[:MAX_PRINTED_CHARS],
        missing_layers=missing,
    )
    return PreviewReport(report, tuple(laps), lap_rewards, grid, grid_rewards, painted.cut)


def _paint(reward: SandboxedReward, laps: Sequence[SampleLap], grid: SampleGrid, painted: _Painted) -> None:
    """Asks for the rewards of all laps and of the grid, until there is no time or no use."""
    deadline_s = time.perf_counter() + PAINT_BUDGET_S
    painted.n_states = sum(len(lap.states) for lap in laps) + len(grid.states)
    pace = _Pace()
    for lap in laps:
        painted.laps.append([])
        reward.begin(_LAP_CAR)
        group = _Group(_LAP_CAR, f"on the lap {lap.title!r}", lap.states, painted.laps[-1])
        if not _paint_group(reward, group, painted, pace, deadline_s):
            return
    reward.begin(_GRID_CAR)
    _paint_group(reward, _Group(_GRID_CAR, "on the grid", grid.states, painted.grid), painted, pace, deadline_s)


def _paint_group(reward: SandboxedReward, group: _Group, painted: _Painted, pace: _Pace, deadline_s: float) -> bool:
    """Asks for the rewards of one group; returns whether there is time and use to go on."""
    car, place, states, rewards = group
    while len(rewards) < len(states):
        if len(painted.failures) >= _MAX_FAILURES and 2 * len(painted.failures) > painted.n_tried:
            return False
        if time.perf_counter() > deadline_s:
            painted.cut = (
                f"Only {painted.n_tried} of {painted.n_states} places are painted: calling it on all of them takes "
                f"longer than {PAINT_BUDGET_S:g} s. Compute less per call."
            )
            return False
        asked = states[len(rewards) : len(rewards) + pace.n_states]
        started_s = time.perf_counter()
        try:
            answers = reward.call_batch(asked, [car] * len(asked))
        except RewardError as err:
            painted.failures.append((err, SampledState(place, err.params or asked[0], car == _LAP_CAR)))
            painted.cut = "It had to be ended, so not all places are painted."
            return False
        pace.learn(len(asked), time.perf_counter() - started_s)
        painted.n_tried += len(asked)
        for params, answer in zip(asked, answers, strict=True):
            rewards.append(None if isinstance(answer, RewardError) else answer)
            if isinstance(answer, RewardError):
                painted.failures.append((answer, SampledState(place, params, car == _LAP_CAR)))
    return True


class _Group(NamedTuple):
    """States that one car's function is asked for, and where the rewards go."""

    car: int
    place: str
    states: Sequence[RewardParams]
    rewards: list[float | None]


class _Pace:
    """How many states to ask for at once."""

    def __init__(self) -> None:
        self.n_states = _FIRST_STATES

    def learn(self, n_states: int, seconds: float) -> None:
        """Takes how long the last question took."""
        self.n_states = min(max(1, int(_QUESTION_S * n_states / max(seconds, 1e-6))), _MOST_STATES)


def _failures(user_file: UserFile, painted: _Painted, blamed: set[int | None]) -> list[Finding]:
    """Returns one finding for each line that failed and is not blamed yet."""
    found: dict[int | None, Finding] = {}
    for error, state in painted.failures:
        kind = FindingKind.TEST_FAILURE if state.is_certain or error.fault.is_fatal else FindingKind.WARNING
        if error.line not in blamed and error.line not in found:
            found[error.line] = user_file.failure(error, kind, state)
    return list(found.values())


def _filled(rewards: Sequence[float | None], count: int) -> Rewards:
    return (*rewards, *([None] * (count - len(rewards))))


def _lap_fields(lap: SampleLap, rewards: Rewards, *, with_params: bool) -> dict[str, Any]:
    paid = [reward for reward in rewards if reward is not None]
    last = lap.states[-1]
    return {
        "name": lap.name,
        "title": lap.title,
        **_places(lap.states),
        "reward": [_short(reward) for reward in rewards],
        "total": _short(sum(paid)) if paid else None,
        "mean": _short(sum(paid) / len(paid)) if paid else None,
        "steps": len(lap.states),
        "time_s": _short(last["sim_time"]),
        "progress": _short(last["progress"]),
        "complete": lap.outcome is Outcome.LAP_COMPLETE,
        "params": _columns(lap.states) if with_params else None,
    }


def _grid_fields(grid: SampleGrid, rewards: Rewards, *, with_params: bool) -> dict[str, Any]:
    n_places = grid.n_along * len(grid.lanes)
    starts = range(0, len(grid.states), n_places)
    return {
        "n_along": grid.n_along,
        "lanes": list(grid.lanes),
        "headings_deg": list(grid.headings_deg),
        **_places(grid.states[:n_places]),
        "reward": [[_short(reward) for reward in rewards[i : i + n_places]] for i in starts],
        "params": [_columns(grid.states[i : i + n_places]) for i in starts] if with_params else None,
    }


def _places(states: Sequence[RewardParams]) -> dict[str, list[float]]:
    return {"x": [round(it["x"], 3) for it in states], "y": [round(it["y"], 3) for it in states]}


def _columns(states: Sequence[RewardParams]) -> dict[str, list[Any]]:
    """Returns the parameters that are a number, a truth or a pair of indices, each with its value in every state."""
    names = [name for name, value in states[0].items() if isinstance(value, (bool, int, float)) or name in _PAIRS]
    return {name: [_short(state[name]) for state in states] for name in names}


def _short(value: Any) -> Any:
    """Returns a float with five digits, which is more than a picture shows; anything else as it is."""
    return float(f"{value:.5g}") if isinstance(value, float) else value
