"""The environment's inputs, its order of events, and what it says about bad ones."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded

from deepracer_local.domain import CameraSpec, RaceSpec
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import (
    InvalidInputError,
    MetadataError,
    RewardError,
    SpecError,
    UnknownNameError,
)


def test_the_action_space_may_be_the_file(tmp_path: Path) -> None:
    file = tmp_path / "model_metadata.json"
    file.write_text(
        json.dumps(
            {
                "action_space": [{"steering_angle": 10, "speed": 0.6, "index": 0}, {"steering_angle": -10, "speed": 2}],
                "sensor": ["FRONT_FACING_CAMERA"],
                "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
                "version": "4",
            }
        )
    )
    env = DeepRacerEnv("oval", action_space=file)
    env.reset(seed=0)

    params = env.step(1)[4]["reward_params"]

    assert (params["steering_angle"], params["speed"]) == (-10.0, 2.0)
    env.close()


def test_a_continuous_action_is_scaled_to_the_intervals() -> None:
    space = {"steering_angle": {"low": -20, "high": 30}, "speed": {"low": 1, "high": 3}}
    env = DeepRacerEnv("oval", action_space=space)
    env.reset(seed=0)

    params = env.step(np.array([1.0, -1.0], np.float32))[4]["reward_params"]

    assert (params["steering_angle"], params["speed"]) == (30.0, 1.0)
    env.close()


def test_the_reward_is_paid_for_the_instant_after_the_move() -> None:
    seen: list[dict[str, Any]] = []

    def reward(params: dict[str, Any]) -> float:
        seen.append(params)
        return float(params["steps"])

    env = DeepRacerEnv("oval", reward)
    _, before = env.reset(seed=0)
    _, paid, _, _, info = env.step(2)

    assert len(seen) == 1
    assert paid == 2.0
    assert seen[0] == info["reward_params"]
    assert seen[0]["x"] != before["reward_params"]["x"]
    assert info["record"].x_m == seen[0]["x"]
    env.close()


def test_user_code_cannot_change_the_world_through_its_parameters() -> None:
    def vandal(params: dict[str, Any]) -> float:
        params["waypoints"].clear()
        params["progress"] = 100.0
        return 1.0

    env = DeepRacerEnv("oval", vandal)
    env.reset(seed=0)

    _, _, terminated, _, info = env.step(2)

    assert not terminated
    assert len(info["reward_params"]["waypoints"]) > 10
    env.close()


def test_a_failing_reward_carries_line_and_parameters(tmp_path: Path) -> None:
    file = tmp_path / "reward_function.py"
    file.write_text("def reward_function(params):\n    return params['tarck_width']\n")
    env = DeepRacerEnv("oval", file)
    env.reset(seed=0)

    with pytest.raises(RewardError) as caught:
        env.step(2)

    assert caught.value.line == 2
    assert caught.value.params is not None
    assert caught.value.params["steps"] == 2.0
    assert "track_width" in str(caught.value)
    env.close()


def test_a_step_after_the_end_is_refused() -> None:
    env = DeepRacerEnv("oval", race=RaceSpec(max_steps=2))
    with pytest.raises(ResetNeeded):
        env.step(0)
    env.reset(seed=0)

    _, _, terminated, truncated, _ = env.step(2)

    assert truncated
    assert not terminated
    with pytest.raises(ResetNeeded):
        env.step(2)
    env.close()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"track": "no_such_track"}, UnknownNameError),
        ({"camera": "fisheye"}, UnknownNameError),
        ({"simulator": "rails"}, UnknownNameError),
        ({"action_space": []}, MetadataError),
        ({"action_space": "nowhere.json"}, MetadataError),
        ({"reward_function": "nowhere.py"}, RewardError),
        (
            {"action_space": {"action_space": [{"steering_angle": 0, "speed": 1}], "sensor": ["LIDAR"]}},
            MetadataError,
        ),
        ({"sensors": ["LEFT_CAMERAS"]}, SpecError),
        ({"sensors": ["STATE"], "sensor_settings": {"LIDAR": {}}}, SpecError),
        ({"stack_size": 5}, SpecError),
        ({"sensors": ["LEFT_CAMERA"], "camera": SimpleNamespace(spec=CameraSpec())}, SpecError),
    ],
    ids=[
        "track",
        "camera",
        "simulator",
        "empty space",
        "missing file",
        "missing reward",
        "lidar alone",
        "sensor",
        "settings",
        "stack",
        "a camera that cannot be moved",
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], error: type[InvalidInputError]) -> None:
    with pytest.raises(error):
        DeepRacerEnv(**({"track": "oval"} | arguments))


def test_an_action_that_does_not_exist_is_refused() -> None:
    env = DeepRacerEnv("oval")
    env.reset(seed=0)

    with pytest.raises(InvalidInputError, match="0 to 4"):
        env.step(5)
    env.close()


def test_driving_straight_on_leaves_the_track() -> None:
    env = DeepRacerEnv("oval")
    env.reset(seed=0)
    terminated = False
    while not terminated:
        _, _, terminated, _, info = env.step(2)

    assert info["outcome"] == "off_track"
    assert info["reward_params"]["is_offtrack"]
    assert not info["laps"][-1].is_clean
    env.close()


def test_the_two_halves_make_the_whole_step() -> None:
    whole, halves = DeepRacerEnv("oval"), DeepRacerEnv("oval")
    whole.reset(seed=1)
    halves.reset(seed=1)

    for action in (0, 2, 4, 2):
        expected = whole.step(action)
        params = halves.begin_step(action)
        if action == 4:
            halves.observe()
        observation, reward, terminated, truncated, info = halves.finish_step(float(expected[1]))

        assert params == expected[4]["reward_params"]
        assert np.array_equal(observation, expected[0])
        assert (reward, terminated, truncated) == expected[1:4]
        assert info["record"] == expected[4]["record"]


def test_a_second_half_needs_a_first_one() -> None:
    env = DeepRacerEnv("oval")
    env.reset(seed=1)
    env.begin_step(2)
    env.finish_step(1.0)

    with pytest.raises(ResetNeeded):
        env.finish_step(1.0)
    with pytest.raises(ResetNeeded):
        env.observe()
