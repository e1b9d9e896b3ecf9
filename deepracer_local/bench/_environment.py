"""Environment steps a second on one core, ours and a peer's."""

from __future__ import annotations

import time
from typing import Any

import gymnasium
from gymnasium.error import DependencyNotInstalled

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.domain import RaceSpec

REPETITIONS = 7
GOAL_STEPS_PER_S = 5_000
N_BOXES = 3
GOAL_AMONG_BOXES_PER_S = 3_000


def measure_environments(*, seconds: float = 1.0) -> list[Measurement]:
    """Measures full steps (physics, camera, parameters, reward) of our environment and of CarRacing-v3.

    Both are made by ``gymnasium.make``, driven by random actions with resets, in turns, on one core.

    Args:
        seconds: how long one reading takes; there are seven of each.
    """
    ours = gymnasium.make("deepracer_local:DeepRacer-v0", track="reinvent_2018")
    peer, missing = _make_peer()
    among_boxes = gymnasium.make(
        "deepracer_local:DeepRacer-v0",
        track="reinvent_2018",
        race=RaceSpec(race_type="OBJECT_AVOIDANCE", number_of_obstacles=N_BOXES, randomize_obstacle_locations=True),
        sensors=["FRONT_FACING_CAMERA", "LIDAR"],
    )
    our_readings, box_readings, peer_readings = [], [], []
    for env in (ours, among_boxes):
        _steps_per_second(env, seconds / 4)  # compiles the kernels, fills the caches
    for _ in range(REPETITIONS):
        our_readings.append(_steps_per_second(ours, seconds))
        box_readings.append(_steps_per_second(among_boxes, seconds))
        if peer is not None:
            peer_readings.append(_steps_per_second(peer, seconds))
    ours.close()
    among_boxes.close()
    found = [
        median_of(
            "environment steps, 160x120 camera, tyre physics, reward",
            our_readings,
            "steps/s",
            goal=f"at least {GOAL_STEPS_PER_S:,}",
        ),
        median_of(
            f"the same among {N_BOXES} boxes, camera and lidar",
            box_readings,
            "steps/s",
            goal=f"at least {GOAL_AMONG_BOXES_PER_S:,}",
        ),
    ]
    if peer is None:
        return [*found, Measurement("CarRacing-v3", 0.0, "steps/s", (), note=missing)]
    peer.close()
    theirs = median_of("CarRacing-v3, 96x96 top view", peer_readings, "steps/s", note="its step is 1/50 s, ours 1/15 s")
    ratio = found[0].value / theirs.value
    return [*found, theirs, Measurement("ours / CarRacing-v3", ratio, "times", (ratio,))]


def _make_peer() -> tuple[gymnasium.Env[Any, Any] | None, str]:
    try:
        return gymnasium.make("CarRacing-v3", continuous=False), ""
    except DependencyNotInstalled:
        return None, "not installed: pip install 'deepracer-local[bench]'"


def _steps_per_second(env: gymnasium.Env[Any, Any], seconds: float) -> float:
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(1000)]
    env.reset(seed=0)
    steps = 0
    started_at = time.perf_counter()
    while (elapsed := time.perf_counter() - started_at) < seconds:
        # The clock is read once per batch: reading it costs as much as a part of a step.
        for action in actions[steps % 900 : steps % 900 + 50]:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        steps += 50
    return steps / elapsed
