"""Laws of training: every race with every legal set of sensors, kind of action and algorithm learns and loads again.

Races of two models are driven by what was trained, not trained in: ``test_duel_laws.py``.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from safetensors.torch import load_file

from deepracer_local.domain import (
    CAMERAS,
    RACE_TYPES,
    CameraSpec,
    ContinuousActions,
    DiscreteAction,
    Hyperparameters,
    ModelMetadata,
    Network,
    RaceSpec,
    Sensor,
    StopRules,
    TrainSpec,
    illegal_combination,
    parse_model_metadata,
)
from deepracer_local.domain._metadata import Interval
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import MetadataError
from deepracer_local.runs import POLICY_FILE, Checkpoints, RunDirectory
from deepracer_local.sim import GroundCamera
from deepracer_local.track import builtin_tracks_dir, find_track
from deepracer_local.training import Trainer, load_policy, one_stage
from deepracer_local.workers.layout import lay_out_run

OVAL = find_track("oval", [builtin_tracks_dir()])
CAMERA = GroundCamera(OVAL, CameraSpec())
SENSORS = [
    sensors
    for n in (1, 2)
    for sensors in itertools.combinations([s for s in Sensor if s is not Sensor.OBSERVATION], n)
    if not illegal_combination(sensors) and not (Sensor.STATE in sensors and CAMERAS & set(sensors))
]
"""All that the car has, but for the old name of its camera; ``STATE`` alone and beside a lidar."""
LEARNING = [
    (action_type, algorithm)
    for action_type in get_args(ModelMetadata.model_fields["action_space_type"].annotation)
    for algorithm in get_args(ModelMetadata.model_fields["training_algorithm"].annotation)
]
ACTIONS: dict[str, Any] = {
    "discrete": (DiscreteAction(steering_angle=-20.0, speed=1.0), DiscreteAction(steering_angle=20.0, speed=1.0)),
    "continuous": ContinuousActions(steering_angle=Interval(low=-30.0, high=30.0), speed=Interval(low=0.5, high=1.0)),
}
STEPS = {"clipped_ppo": 64, "sac": 288}
"""Enough for an update: SAC's first 256 steps are blind."""


def metadata(sensors: Sequence[Sensor], action_type: str, algorithm: str) -> ModelMetadata:
    return ModelMetadata.model_validate(
        {
            "action_space": ACTIONS[action_type],
            "action_space_type": action_type,
            "sensor": sensors,
            "neural_network": Network.FAST,
            "training_algorithm": algorithm,
        }
    )


@pytest.mark.parametrize(("action_type", "algorithm"), [one for one in LEARNING if one != ("discrete", "sac")])
@pytest.mark.parametrize("sensors", SENSORS, ids="+".join)
@pytest.mark.parametrize("race_type", [one for one in RACE_TYPES if one != "HEAD_TO_MODEL"])
def test_every_legal_combination_learns_and_its_model_loads_again(
    race_type: str, sensors: tuple[Sensor, ...], action_type: str, algorithm: str, tmp_path: Path
) -> None:
    spec = TrainSpec(
        track="oval",
        n_envs=2,
        race=RaceSpec.model_validate({"race_type": race_type}),
        model_metadata=metadata(sensors, action_type, algorithm),
        hyperparameters=Hyperparameters(num_steps_between_training=32, num_epochs=3, batch_size=32),
        evaluate_every=1000,
        checkpoint_every=STEPS[algorithm] // 32 - 1,
        stop=StopRules(max_steps=STEPS[algorithm]),
    )
    run = lay_out_run(tmp_path / "run", spec, track=OVAL, reward_text="def reward_function(params):\n    return 1.0\n")
    made = functools.partial(
        DeepRacerEnv, OVAL, lambda params: float(params["speed"]), spec.model_metadata, race=spec.race, camera=CAMERA
    )
    trainer = Trainer(spec, run, one_stage(spec, lambda _rank: made(), made()))
    result = trainer.train()
    trainer.close()
    assert (result.state, result.total_steps) == ("SUCCEEDED", STEPS[algorithm])

    before, after = (weights_after(run, steps) for steps in (STEPS[algorithm] - 32, STEPS[algorithm]))
    assert any(not torch.equal(before[name], after[name]) for name in after)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in after.values())
    policy, info = load_policy(Checkpoints(run.checkpoints_path).find("last"))
    assert info.model_metadata == spec.model_metadata
    with contextlib.closing(made()) as environment:
        observation, _ = environment.reset(seed=1)
        for _ in range(3):
            action = policy.act(observation)
            assert environment.action_space.contains(action)
            observation = environment.step(action)[0]


def weights_after(run: RunDirectory, steps: int) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = load_file(run.checkpoints_path / f"{steps:09d}" / POLICY_FILE)
    return weights


@pytest.mark.parametrize("sensors", SENSORS, ids="+".join)
def test_sac_refuses_a_list_of_actions_and_says_why(sensors: tuple[Sensor, ...]) -> None:
    value = {
        "action_space": [action.model_dump() for action in ACTIONS["discrete"]],
        "sensor": sensors,
        "training_algorithm": "sac",
    }
    with pytest.raises(MetadataError, match="'sac' needs a continuous action space"):
        parse_model_metadata(value)
