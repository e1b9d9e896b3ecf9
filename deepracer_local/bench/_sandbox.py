"""What the wall around a reward function costs."""

from __future__ import annotations

import contextlib
import functools
import json
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.domain import RewardParams, StopRules, TrainSpec
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import RewardError
from deepracer_local.race import sample_grid, sample_laps, sample_reward
from deepracer_local.reward import find_example, preview_reward
from deepracer_local.reward.sandbox import (
    CarReward,
    ChildProcess,
    SandboxedReward,
    open_sandbox,
    try_wall,
    warm_child,
)
from deepracer_local.runs import RunDirectory
from deepracer_local.track import builtin_tracks_dir, find_track
from deepracer_local.training import Judged, Trainer, one_stage

TRACK = "reinvent_2018"
ROUND_TRIPS = 2_000
STARTS = 7
PREVIEWS = 50
TRAININGS = 15
"""Short ones in turns: on a machine with other work, both of a pair then see the same of it."""
_SCIENTIFIC = ("numpy", "scipy", "shapely")


class _Judge:
    """Asks one sandbox for the rewards of all cars."""

    def __init__(self, sandbox: SandboxedReward) -> None:
        self._sandbox = sandbox

    def ask(self, states: Sequence[RewardParams]) -> None:
        self._sandbox.ask(states, range(len(states)))

    def answers(self) -> list[Judged]:
        return [Judged(answer) for answer in self._sandbox.answers() if not isinstance(answer, RewardError)]

    def last_words(self) -> list[str]:
        return []


def measure_sandbox(folder: Path, *, training_steps: int = 2_048) -> list[Measurement]:
    """Measures round trips, start and the share of a training that the sandbox takes.

    Args:
        folder: an empty one, for run directories.
        training_steps: of each of the trainings that are compared.
    """
    text = find_example("center_line").text
    states = _states()
    found = [
        _round_trip(text, states, n_cars=1, name="reward in the sandbox, one car", goal="under 100"),
        _round_trip(text, states, n_cars=8, name="reward in the sandbox, 8 cars, each", goal="under 25"),
        _start(text, is_warm=True, name="sandbox ready, started ahead of time", goal="under 50"),
        _start(text, is_warm=False, name="sandbox ready, from nothing", goal=""),
    ]
    installed = [name for name in _SCIENTIFIC if find_spec(name) is not None]
    scientific = f"import {', '.join(installed)}\n{text}"
    name = f"sandbox ready, from nothing, with {', '.join(installed)}"
    found.append(_start(scientific, is_warm=False, name=name, goal="under 300"))
    found.append(_preview(text))
    found += _share_of_training(folder, text, training_steps)
    report = try_wall()
    calls = float(report.n_open_calls or float("nan"))
    found.append(Measurement("system calls open to user code", calls, "", (calls,), "about 31", report.sentence))
    return found


def _states(count: int = 512) -> list[RewardParams]:
    """Returns the parameters of one drive straight on, as the environment makes them."""
    env = DeepRacerEnv(TRACK)
    states: list[RewardParams] = []
    is_over = True
    while len(states) < count:
        if is_over:
            env.reset(seed=0)
        params = env.begin_step(2)
        _, _, terminated, truncated, _ = env.finish_step(0.0)
        is_over = terminated or truncated
        states.append(params)
    env.close()
    return states


def _round_trip(text: str, states: Sequence[RewardParams], *, n_cars: int, name: str, goal: str) -> Measurement:
    cars = range(n_cars)
    readings = []
    with contextlib.closing(open_sandbox(text, n_cars=n_cars)) as sandbox:
        for i in range(ROUND_TRIPS):
            start = i % (len(states) - n_cars)
            # Fresh lists, as each step makes them: whether waypoints have changed is then not told by identity.
            batch = [dict(state, waypoints=list(state["waypoints"])) for state in states[start : start + n_cars]]
            started_at = time.perf_counter()
            sandbox.call_batch(batch, cars)
            readings.append((time.perf_counter() - started_at) * 1e6 / n_cars)
    p99 = sorted(readings)[int(0.99 * len(readings))]
    return median_of(name, readings, "µs", goal=goal, note=f"p99 {p99:.0f}")


def _start(text: str, *, is_warm: bool, name: str, goal: str) -> Measurement:
    """Returns the time from a text to its first reward."""
    [state] = _states(1)
    readings = []
    for _ in range(STARTS):
        child = None
        if is_warm:
            child = warm_child()
            child.wait_until_warm()
        started_at = time.perf_counter()
        with contextlib.closing(open_sandbox(text, child=child)) as sandbox:
            sandbox.call_batch([state])
            readings.append((time.perf_counter() - started_at) * 1e3)
    return median_of(name, readings, "ms", goal=goal)


def _preview(text: str) -> Measurement:
    """Returns the time in which a reward function is tried and painted on five laps and a grid, as JSON."""
    track = find_track(TRACK, [builtin_tracks_dir()])
    samples, laps, grid = sample_reward(track), sample_laps(track), sample_grid(track)
    readings = []
    for _ in range(PREVIEWS):
        child = warm_child()
        child.wait_until_warm()
        started_at = time.perf_counter()
        report = preview_reward(text, samples, laps, grid, take_child=functools.partial(_given, child))
        json.dumps(report.to_json())
        readings.append((time.perf_counter() - started_at) * 1e3)
    p99 = sorted(readings)[int(0.99 * len(readings))]
    name = "preview of a reward, five laps and a grid"
    return median_of(name, readings, "ms", goal="under 300", note=f"p99 {p99:.0f}")


def _given(child: ChildProcess) -> ChildProcess:
    return child


def _share_of_training(folder: Path, text: str, steps: int) -> list[Measurement]:
    """Trains the same in turns with the reward function in this process and in its sandbox."""
    (folder / "reward_function.py").write_text(text, encoding="utf-8")
    inside, sandboxed = [], []
    for i in range(TRAININGS):
        inside.append(_steps_per_second(folder / f"inside-{i}", steps, lambda _: folder / "reward_function.py", None))
        with _sandbox(text) as sandbox:
            make = functools.partial(CarReward, sandbox)
            sandboxed.append(_steps_per_second(folder / f"sandboxed-{i}", steps, make, _Judge(sandbox)))
    pairs = zip(inside, sandboxed, strict=True)
    lost = [100.0 * (1.0 - boxed / free) for free, boxed in pairs]
    return [
        median_of("training, reward in the learner's process", inside, "steps/s"),
        median_of("the same, reward in the sandbox", sandboxed, "steps/s"),
        median_of("share of training throughput lost", lost, "%", goal="at most 5"),
    ]


@contextlib.contextmanager
def _sandbox(text: str) -> Iterator[SandboxedReward]:
    with contextlib.closing(open_sandbox(text, n_cars=TrainSpec(track=TRACK).n_envs)) as sandbox:
        yield sandbox


def _steps_per_second(path: Path, steps: int, reward: Any, judge: _Judge | None) -> float:
    path.mkdir()
    # No evaluations: the sandbox has no part in them.
    spec = TrainSpec(track=TRACK, stop=StopRules(max_steps=steps), evaluate_every=steps)

    def make_env(rank: int) -> DeepRacerEnv:
        return DeepRacerEnv(TRACK, reward(rank), first_start_ndist=rank / spec.n_envs)

    environments = one_stage(spec, make_env, DeepRacerEnv(TRACK))
    trainer = Trainer(spec, RunDirectory(path), environments, judge=judge)
    with contextlib.closing(trainer):
        result = trainer.train()
    return result.total_steps / result.training_seconds
