"""Laws of the environment, over every built-in track, both lenses and both kinds of action space."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from deepracer_local.domain import CAMERA_PROFILES, RaceSpec
from deepracer_local.env import DeepRacerEnv
from deepracer_local.track import builtin_tracks_dir, list_tracks

TRACKS = [track.name for track in list_tracks([builtin_tracks_dir()])]
ACTION_SPACES: dict[str, Any] = {
    "discrete": [{"steering_angle": angle, "speed": speed} for angle in (-20, 0, 20) for speed in (1.0, 3.0)],
    "continuous": {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 0.5, "high": 4.0}},
}
CASES = list(itertools.product(TRACKS, CAMERA_PROFILES, ACTION_SPACES))

Step = tuple[Any, float, bool, bool, dict[str, Any]]


@pytest.fixture(params=CASES, ids="-".join)
def env(request: pytest.FixtureRequest) -> Iterator[DeepRacerEnv]:
    track, camera, action_space = request.param
    made = DeepRacerEnv(track, action_space=ACTION_SPACES[action_space], camera=camera)
    yield made
    made.close()


def drive(env: DeepRacerEnv, n_steps: int, *, seed: int) -> list[Step]:
    """Drives random actions, with resets, from a seeded start."""
    env.action_space.seed(seed)
    env.reset(seed=seed)
    steps: list[Step] = []
    for _ in range(n_steps):
        step = env.step(env.action_space.sample())
        steps.append(step)
        if step[2] or step[3]:
            env.reset()
    return steps


def digest(step: Step) -> tuple[Any, ...]:
    observation, reward, terminated, truncated, info = step
    return observation.tobytes(), reward, terminated, truncated, info["record"], info["reward_params"]


def test_gymnasium_finds_nothing_to_complain_about(env: DeepRacerEnv) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)

    assert env.observation_space.contains(env.reset(seed=1)[0])


def test_the_same_seed_gives_the_same_rollout_whatever_was_driven_before(env: DeepRacerEnv) -> None:
    first = [digest(step) for step in drive(env, 60, seed=5)]
    drive(env, 40, seed=6)

    assert [digest(step) for step in drive(env, 60, seed=5)] == first


def test_everything_is_finite_in_range_and_alive(env: DeepRacerEnv) -> None:
    steps = drive(env, 80, seed=2)

    observations = np.stack([step[0] for step in steps])
    assert all(env.observation_space.contains(observation) for observation in observations)
    assert observations.std(axis=0).max() > 0
    assert len({step[1] for step in steps}) > 1
    for step in steps:
        params = step[4]["reward_params"]
        numbers = [v for v in params.values() if isinstance(v, (int, float))]
        assert np.isfinite(numbers).all()
        assert 0 <= params["progress"] <= 100
        assert -180 <= params["heading"] <= 180
        assert len(params) == 27


def test_no_two_steps_share_memory(env: DeepRacerEnv) -> None:
    steps = drive(env, 6, seed=3)

    for one, other in itertools.combinations(steps, 2):
        assert not np.shares_memory(one[0], other[0])
        assert one[4]["reward_params"]["waypoints"] is not other[4]["reward_params"]["waypoints"]


@pytest.mark.parametrize("track", TRACKS)
def test_starts_move_on_round_the_track(track: str) -> None:
    env = DeepRacerEnv(track)

    places = [env.reset(seed=0)[1]["start_ndist"]] + [env.reset()[1]["start_ndist"] for _ in range(5)]

    assert places == pytest.approx([0.0, 0.05, 0.10, 0.15, 0.20, 0.25])
    env.close()


def test_two_environments_in_one_process_never_meet() -> None:
    alone, one, other = DeepRacerEnv("oval"), DeepRacerEnv("oval"), DeepRacerEnv("oval")
    expected = [digest(step) for step in drive(alone, 40, seed=8)]

    one.action_space.seed(8)
    one.reset(seed=8)
    other.reset(seed=9)
    steps = []
    for _ in range(40):
        steps.append(one.step(one.action_space.sample()))
        ended = other.step(4)
        if ended[2]:
            other.reset()
        if steps[-1][2]:
            one.reset()

    assert [digest(step) for step in steps] == expected
    for env in (alone, one, other):
        env.close()


FRESH_PROCESS = """
import hashlib, json, sys
from deepracer_local.env import DeepRacerEnv
env = DeepRacerEnv("reinvent_2018")
for seed in json.loads(sys.argv[1]):
    env.action_space.seed(seed)
    env.reset(seed=seed)
    hashed = hashlib.sha256()
    for _ in range(500):
        o, r, terminated, truncated, info = env.step(env.action_space.sample())
        hashed.update(o.tobytes() + repr((r, terminated, info["record"])).encode())
        if terminated or truncated:
            env.reset()
print(hashed.hexdigest())
"""


def in_a_fresh_process(seeds: list[int]) -> str:
    command = [sys.executable, "-c", FRESH_PROCESS, json.dumps(seeds)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()[-1]


def test_500_steps_are_bit_equal_in_a_fresh_process_and_after_20_other_rollouts() -> None:
    assert in_a_fresh_process([77]) == in_a_fresh_process([*range(20), 77])


@pytest.mark.parametrize("action_space", ACTION_SPACES.values(), ids=ACTION_SPACES.keys())
def test_a_restored_state_goes_on_bit_for_bit_in_another_environment(action_space: Any) -> None:
    one, other = DeepRacerEnv("chicane", action_space=action_space), DeepRacerEnv("chicane", action_space=action_space)
    drive(one, 30, seed=4)
    state = json.loads(json.dumps(one.get_state()))
    actions = [one.action_space.sample() for _ in range(40)]
    other.reset(seed=99)

    other.set_state(state)

    for action in actions:
        mine, theirs = one.step(action), other.step(action)
        assert digest(mine) == digest(theirs)
        if mine[2] or mine[3]:
            assert np.array_equal(one.reset()[0], other.reset()[0])
    one.close()
    other.close()


def test_gymnasium_makes_it_by_name_and_renders_it() -> None:
    env = gymnasium.make("deepracer_local:DeepRacer-v0", track="oval", render_mode="rgb_array")

    env.reset(seed=0)
    env.step(env.action_space.sample())
    picture = env.render()

    assert isinstance(picture, np.ndarray)
    assert picture.shape == (360, 640, 3)
    assert picture.dtype == np.uint8
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)
    env.close()


def test_the_observation_is_not_stale() -> None:
    env = DeepRacerEnv("reinvent_2018", action_space=ACTION_SPACES["discrete"])
    env.reset(seed=0)

    for action in (1, 5, 3, 1):
        observation = env.step(action)[0]
        assert np.array_equal(observation[:, :, 0], env.camera.frame(env.vehicle_state))
    env.close()


@pytest.mark.parametrize("is_reversed", [False, True], ids=["forward", "reversed"])
def test_a_lap_driven_along_the_centre_completes_in_both_directions(is_reversed: bool) -> None:
    env = DeepRacerEnv("oval", race=RaceSpec(reverse_dir=is_reversed, start_position="fixed"))
    _, info = env.reset(seed=0)
    ended = False
    while not ended:
        p = info["reward_params"]
        ahead = p["waypoints"][(p["closest_waypoints"][1] + 2) % (len(p["waypoints"]) - 1)]
        bearing = np.degrees(np.arctan2(ahead[1] - p["y"], ahead[0] - p["x"])) - p["heading"]
        wanted = (bearing + 180) % 360 - 180
        _, _, ended, _, info = env.step(int(np.clip(np.round(wanted / 15), -2, 2)) + 2)
        assert info["reward_params"]["is_reversed"] is is_reversed

    assert info["outcome"] == "lap_complete"
    assert info["laps"][0].is_clean
    env.close()
