"""Laws of the sensors: over every legal combination, and over rate, delay, noise and stack."""

from __future__ import annotations

import itertools
import json
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

from deepracer_local.domain import CAMERAS, CameraSpec, Sensor, SensorSettings, illegal_combination
from deepracer_local.env import DeepRacerEnv
from deepracer_local.sim import GroundCamera
from deepracer_local.track import builtin_tracks_dir, find_track

TRACK = find_track("oval", [builtin_tracks_dir()])
CAMERA = GroundCamera(TRACK, CameraSpec())
COMBINATIONS = [c for n in (1, 2, 3) for c in itertools.combinations(Sensor, n) if not illegal_combination(c)]
POOR = SensorSettings(rate_hz=5, delay_steps=4, noise_sigma=0.7)

Step = tuple[Any, float, bool, bool, dict[str, Any]]


def made(sensors: Sequence[str], **options: Any) -> DeepRacerEnv:
    return DeepRacerEnv(TRACK, camera=CAMERA, sensors=sensors, simulator="kinematic", **options)


@pytest.fixture(params=COMBINATIONS, ids="+".join)
def env(request: pytest.FixtureRequest) -> Iterator[DeepRacerEnv]:
    """Returns an environment whose sensors are as far from ideal as can be."""
    settings = dict.fromkeys(request.param, POOR)
    env = made(request.param, sensor_settings=settings, stack_size=2)
    yield env
    env.close()


def parts(observation: Any) -> dict[str, Any]:
    return observation if isinstance(observation, dict) else {"": observation}


def content(observation: Any) -> dict[str, bytes]:
    return {name: part.tobytes() for name, part in parts(observation).items()}


def drive(env: DeepRacerEnv, n_steps: int, *, seed: int | None) -> list[Any]:
    """Returns the observations of a drive with random actions; without a seed it goes on."""
    observations = []
    if seed is not None:
        env.action_space.seed(seed)
        observations.append(env.reset(seed=seed)[0])
    for _ in range(n_steps):
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        observations.append(observation)
        if terminated or truncated:
            observations.append(env.reset()[0])
    return observations


def test_the_space_has_the_form_that_learners_rely_on(env: DeepRacerEnv) -> None:
    shapes = {
        **dict.fromkeys(CAMERAS - {Sensor.STEREO_CAMERAS}, ((120, 160, 2), np.uint8)),
        Sensor.STEREO_CAMERAS: ((120, 160, 4), np.uint8),
        Sensor.LIDAR: ((128,), np.float32),
        Sensor.SECTOR_LIDAR: ((16,), np.float32),
        Sensor.DISCRETIZED_SECTOR_LIDAR: ((128,), np.float32),
        Sensor.STATE: ((20,), np.float32),
    }
    space = env.observation_space

    if isinstance(space, spaces.Dict):
        found = {Sensor(name): (box.shape, box.dtype) for name, box in space.spaces.items()}
    else:
        found = {next(s for s in shapes if shapes[s] == (space.shape, space.dtype)): (space.shape, space.dtype)}
        assert found.keys() & (CAMERAS | {Sensor.STATE})
    assert {sensor: shapes[sensor] for sensor in found} == found


def test_gymnasium_finds_nothing_to_complain_about_and_every_observation_belongs(env: DeepRacerEnv) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)

    assert all(env.observation_space.contains(observation) for observation in drive(env, 12, seed=1))


def test_the_same_seed_gives_the_same_observations_and_another_gives_others(env: DeepRacerEnv) -> None:
    first = [content(observation) for observation in drive(env, 12, seed=3)]
    other = [content(observation) for observation in drive(env, 12, seed=4)]

    assert [content(observation) for observation in drive(env, 12, seed=3)] == first
    assert other != first


def test_going_on_from_a_state_is_bit_for_bit_the_same(env: DeepRacerEnv) -> None:
    drive(env, 7, seed=5)
    state = json.loads(json.dumps(env.get_state()))
    env.action_space.seed(6)
    expected = [content(observation) for observation in drive(env, 9, seed=None)]
    drive(env, 3, seed=8)

    env.set_state(state)
    env.action_space.seed(6)

    assert [content(observation) for observation in drive(env, 9, seed=None)] == expected


def test_every_observation_is_memory_of_its_own(env: DeepRacerEnv) -> None:
    observations = drive(env, 5, seed=2)

    for one, other in itertools.combinations(observations, 2):
        for name, part in parts(one).items():
            assert not np.shares_memory(part, parts(other)[name])


IDEAL = [content(o)[""] for o in drive(made(["FRONT_FACING_CAMERA"]), 12, seed=7)]


@pytest.mark.parametrize("rate_hz", [15, 5, 3, 1])
@pytest.mark.parametrize("delay_steps", [0, 1, 6])
@pytest.mark.parametrize("stack_size", [1, 2, 4])
def test_a_poor_sensor_shows_what_an_ideal_one_showed_before(rate_hz: Any, delay_steps: int, stack_size: int) -> None:
    settings = {Sensor.FRONT_FACING_CAMERA: SensorSettings(rate_hz=rate_hz, delay_steps=delay_steps)}
    env = made(["FRONT_FACING_CAMERA"], sensor_settings=settings, stack_size=stack_size)

    shown = drive(env, 12, seed=7)

    period = 15 // rate_hz
    for k, observation in enumerate(shown):
        assert observation.shape == (120, 160, stack_size)
        for place in range(stack_size):  # the oldest first
            instant = max(k - delay_steps - (stack_size - 1 - place), 0)
            assert observation[:, :, place].tobytes() == IDEAL[instant - instant % period]


def test_a_reset_forgets_what_was_seen_before() -> None:
    settings = {Sensor.FRONT_FACING_CAMERA: SensorSettings(delay_steps=5)}
    env = made(["FRONT_FACING_CAMERA"], sensor_settings=settings, stack_size=3)
    drive(env, 9, seed=7)

    observation, _ = env.reset(options={"start_ndist": 0.5})

    for place in range(3):
        assert np.array_equal(observation[:, :, place], CAMERA.frame(env.vehicle_state))


@pytest.mark.parametrize(
    ("sensor", "sigma"), [("FRONT_FACING_CAMERA", 6.0), ("STATE", 0.05)], ids=["grey levels", "numbers"]
)
def test_noise_has_the_deviation_that_it_was_given_and_is_new_each_time(sensor: str, sigma: float) -> None:
    ideal, noisy = made([sensor]), made([sensor], sensor_settings={sensor: {"noise_sigma": sigma}})

    clean = np.stack(drive(ideal, 60, seed=9)).astype(float)
    seen = np.stack(drive(noisy, 60, seed=9)).astype(float)

    # Where nothing is cut off at 0 or 255.
    inside = (clean > 30) & (clean < 225) if sensor != "STATE" else np.abs(clean) < 1.5
    noise = np.where(inside, seen - clean, 0.0)
    assert noise[inside].std() == pytest.approx(sigma, rel=0.1)
    assert abs(noise[inside].mean()) < 0.2 * sigma
    assert len({frame.tobytes() for frame in noise}) == len(noise)


def test_a_state_that_an_earlier_version_wrote_is_restored() -> None:
    one, other = made(["FRONT_FACING_CAMERA"]), made(["FRONT_FACING_CAMERA"])
    drive(one, 5, seed=1)
    state = one.get_state()
    del state["sensors"]
    other.reset(seed=2)

    other.set_state(state)

    assert content(one.step(2)[0]) == content(other.step(2)[0])


def test_an_ideal_sensor_draws_nothing_from_the_generator() -> None:
    env = made(["STEREO_CAMERAS", "LIDAR", "STATE"])
    env.reset(seed=1)
    before = env.np_random.bit_generator.state

    drive(env, 5, seed=None)

    assert env.np_random.bit_generator.state == before
    assert env.get_state()["sensors"] == {}
