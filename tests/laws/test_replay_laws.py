"""Law of the replay: an episode begins again from its origin and is driven bit for bit by its actions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from deepracer_local.domain import RANDOMISATIONS, RaceSpec
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import InvalidInputError
from deepracer_local.runs import ActionsNotes

N_EPISODES = 3
CONTINUOUS = {"steering_angle": {"high": 30, "low": -30}, "speed": {"high": 3, "low": 0.5}}
POOR = {"rate_hz": 5, "delay_steps": 2, "noise_sigma": 0.5}
BOXES = {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 3, "randomize_obstacle_locations": True}
CARS = {
    "race_type": "HEAD_TO_BOT",
    "is_lane_change": True,
    "lower_lane_change_time": 0.2,
    "upper_lane_change_time": 1.0,
    "randomize_bot_car_locations": True,
}
WORLDS: dict[str, dict[str, Any]] = {
    "time-trial": {"race": {}},
    "random-starts-both-ways": {"race": {"start_position": "random", "alternate_driving_direction": True}},
    "boxes": {"race": BOXES, "action_space": CONTINUOUS},
    "cars-and-noise": {
        "race": CARS,
        "sensors": ["STEREO_CAMERAS", "LIDAR"],
        "sensor_settings": {"STEREO_CAMERAS": POOR, "LIDAR": POOR},
        "stack_size": 2,
    },
    "other-conditions-each-time": {"race": BOXES, "randomisation": RANDOMISATIONS["strong"]},
    "set-back-among-cars": {
        "race": CARS | {"number_of_resets": 2},
        "action_space": CONTINUOUS,
        "sensors": ["STATE"],
        "sensor_settings": {"STATE": POOR},
    },
}


def made(world: dict[str, Any], **options: Any) -> DeepRacerEnv:
    action_space = world.get("action_space")
    metadata = None
    if action_space is not None:
        metadata = {
            "action_space_type": "continuous",
            "action_space": action_space,
            "sensor": world.get("sensors", ["FRONT_FACING_CAMERA"]),
            "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
            "version": "5",
        }
    others = {name: world[name] for name in ("sensor_settings", "stack_size", "randomisation") if name in world}
    sensors = world.get("sensors")
    race = RaceSpec(**world["race"], max_steps=150)
    return DeepRacerEnv("oval", action_space=metadata, sensors=sensors, race=race, **others, **options)


def content(observation: Any) -> Any:
    return (
        observation.tobytes() if not isinstance(observation, dict) else {n: v.tobytes() for n, v in observation.items()}
    )


def digest(observation: Any, info: dict[str, Any]) -> tuple[Any, ...]:
    return content(observation), info["record"], info["objects"], info["laps"], info["action"], info["reward_params"]


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_every_episode_is_driven_again_from_its_origin_and_actions(world: dict[str, Any]) -> None:
    env = made(world, first_start_ndist=0.25)
    env.action_space.seed(4)
    notes, driven = ActionsNotes(), []
    observation, info = env.reset(seed=4)
    for episode in range(N_EPISODES):
        ended, steps = False, []
        while True:
            notes.add(info, episode=episode)
            steps.append(digest(observation, info))
            if ended:
                break
            observation, _, terminated, truncated, info = env.step(env.action_space.sample())
            ended = terminated or truncated
        driven.append(steps)
        observation, info = env.reset()
    rows = [json.loads(json.dumps(row, allow_nan=False)) for row in notes.rows]

    other = made(world)
    other.reset(seed=99)
    for episode in reversed(range(N_EPISODES)):  # whatever was driven before
        observation, info = other.reset(options={"origin": rows[episode]["origin"]})
        again = [digest(observation, info)]
        for action in rows[episode]["actions"]:
            observation, _, _, _, info = other.step(action)
            again.append(digest(observation, info))
        assert again == driven[episode]
    env.close()
    other.close()


def test_an_origin_is_of_the_same_size_however_long_the_drive_is() -> None:
    env = made(WORLDS["cars-and-noise"])
    sizes = []
    for seed in range(3):
        _, info = env.reset(seed=seed)
        sizes.append(len(json.dumps(info["origin"])))
        env.step(int(np.int64(2)))
    env.close()

    assert max(sizes) < 400


def test_what_is_no_origin_is_refused() -> None:
    env = made(WORLDS["time-trial"])

    with pytest.raises(InvalidInputError, match="origin"):
        env.reset(options={"origin": {"episode": 0}})
    env.close()
