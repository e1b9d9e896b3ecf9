"""Every algorithm with every set of sensors, every network and both kinds of action, on a tiny environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from deepracer_local.domain import Hyperparameters, ModelMetadata, Network, StopRules, TrainSpec
from deepracer_local.errors import SpecError
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.training import DeterministicPolicy, Trainer, _sac, load_policy, one_stage
from deepracer_local.training._boundary import read_boundary
from deepracer_local.training._exploration import epsilon_after, greedy_or_blind
from deepracer_local.training._replay import ReplayMemory, Transition, steps_from_tensors, steps_to_tensors
from deepracer_local.training._sac import SoftActorCritic
from tests.unit.training.conftest import corridor_spec
from tests.unit.training.sensed import Sensed

SIDE = {Network.FAST: 36, Network.SHALLOW: 36, Network.DEEP: 24, Network.DEEPER: 76}
"""Of pictures into which the convolutions just fit."""
SENSORS: dict[str, dict[str, int] | int] = {
    "one camera": 1,
    "stacked pictures": 4,
    "a pair alone": 2,
    "stereo": {"STEREO_CAMERAS": 2},
    "camera and lidar": {"FRONT_FACING_CAMERA": 1, "LIDAR": 8},
    "stacked stereo, sectors and state": {"STEREO_CAMERAS": 4, "SECTOR_LIDAR": 4, "STATE": 2},
}
"""Channels of a camera, numbers of any other sensor."""
NUMBERS = (3,)
KINDS = [("clipped_ppo", False), ("clipped_ppo", True), ("sac", True)]
CASES = [
    *((Network.FAST, name) for name in SENSORS),
    *((Network.SHALLOW, name) for name in ("one camera", "camera and lidar")),
    *((Network.DEEP, name) for name in ("one camera", "a pair alone", "stereo")),
    (Network.DEEPER, "one camera"),
]
INTERVALS = {"steering_angle": {"low": -30.0, "high": 30.0}, "speed": {"low": 1.0, "high": 2.0}}
FEW = Hyperparameters(batch_size=32, num_epochs=3, lr=1e-3, discount_factor=0.5, num_steps_between_training=32)


def metadata_of(
    algorithm: str, *, is_continuous: bool, network: Network = Network.FAST, sensor: str = "FRONT_FACING_CAMERA"
) -> ModelMetadata:
    actions = INTERVALS if is_continuous else [{"steering_angle": 10.0 * i, "speed": 1.0} for i in range(3)]
    return ModelMetadata.model_validate(
        {
            "action_space": actions,
            "action_space_type": "continuous" if is_continuous else "discrete",
            "neural_network": network,
            "sensor": [sensor],
            "training_algorithm": algorithm,
        }
    )


def shapes_of(name: str, network: Network) -> dict[str, tuple[int, ...]] | tuple[int, ...]:
    sensors, side = SENSORS[name], SIDE[network]
    if isinstance(sensors, int):
        return (side, side, sensors)
    return {sensor: (side, side, n) if "CAMERA" in sensor else (n,) for sensor, n in sensors.items()}


class Bench:
    """Trains in run directories below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def trainer(self, sensors: Any, metadata: ModelMetadata, name: str = "run", **options: Any) -> Trainer:
        """Returns a trainer of four cars."""
        run = RunDirectory(self.folder / name)
        run.path.mkdir(exist_ok=True)
        is_continuous = metadata.action_space_type == "continuous"
        changes = options.pop("changes", {})
        spec = spec_of(metadata, **changes)

        def make(_rank: int = 0) -> Sensed:
            return Sensed(sensors, is_continuous=is_continuous)

        return Trainer(spec, run, one_stage(spec, make, make()), **options)

    def last(self, name: str = "run") -> Path:
        """Returns the folder of the last checkpoint."""
        return Checkpoints(self.folder / name / "checkpoints").find("last")


def spec_of(metadata: ModelMetadata, **changes: Any) -> TrainSpec:
    values = {"n_envs": 4, "hyperparameters": FEW, "stop": StopRules(max_steps=64), "evaluation_laps": 1}
    return corridor_spec(model_metadata=metadata, **(values | changes))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def actions_of(policy: DeterministicPolicy, sensors: Any, *, is_continuous: bool) -> list[list[float]]:
    env = Sensed(sensors, is_continuous=is_continuous)
    seen = [env.reset(seed=1)[0], *(env.step(np.zeros(2) if is_continuous else 0)[0] for _ in range(5))]
    return [np.atleast_1d(policy.act(observation)).tolist() for observation in seen]


def assert_equal_weights(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]), name


@pytest.mark.parametrize(("algorithm", "is_continuous"), KINDS)
@pytest.mark.parametrize(("network", "name"), [*CASES, (Network.FAST, "numbers")])
def test_what_is_learnt_is_loaded_again_to_the_last_bit(
    bench: Bench, network: Network, name: str, algorithm: str, is_continuous: bool
) -> None:
    sensors = NUMBERS if name == "numbers" else shapes_of(name, network)
    sensor = "STEREO_CAMERAS" if name == "a pair alone" else "FRONT_FACING_CAMERA"
    metadata = metadata_of(algorithm, is_continuous=is_continuous, network=network, sensor=sensor)
    trainer = bench.trainer(sensors, metadata)
    before = {name: tensor.clone() for name, tensor in trainer._model.policy.state_dict().items()}

    # The first steps of SAC are not learnt from.
    trainer._model.num_timesteps = 512
    trainer._model.start()
    assert trainer._model.collect(lambda *_: None, lambda: False)
    if isinstance(trainer._model, SoftActorCritic):
        trainer._model._due = 2
    assert trainer._model.update(lambda: False) is not None
    trainer._counters.total_steps = trainer._model.num_timesteps
    trainer._save(trainer._boundary(), evaluation=None, is_best=False, stage=0)

    learnt = trainer._model.policy.state_dict()
    assert all(not torch.equal(before[name], learnt[name]) for name in learnt if name.endswith("weight"))
    policy, info = load_policy(bench.last())
    assert info.network is network
    assert actions_of(policy, sensors, is_continuous=is_continuous) == actions_of(
        trainer._model.driver, sensors, is_continuous=is_continuous
    )


def stop_after(calls: int) -> Callable[[], bool]:
    """Answers False so many times, then True for ever."""
    remaining = iter(range(calls))
    return lambda: next(remaining, None) is None


@pytest.mark.parametrize("calls", [3, 30], ids=lambda calls: f"after {calls} questions")
@pytest.mark.parametrize(("algorithm", "is_continuous"), KINDS)
def test_a_training_with_sensors_that_was_interrupted_ends_like_one_that_was_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, algorithm: str, is_continuous: bool, calls: int
) -> None:
    monkeypatch.setattr(_sac, "BLIND_STEPS", 32)
    sensors = {"FRONT_FACING_CAMERA": (36, 36, 2), "LIDAR": (8,)}
    metadata = metadata_of(algorithm, is_continuous=is_continuous)
    bench.trainer(sensors, metadata, "whole").train()

    interrupted = bench.trainer(sensors, metadata, "parts", should_stop=stop_after(calls)).train()
    resumed = bench.trainer(sensors, metadata, "parts").train(resume=True)

    assert (interrupted.state, resumed.state) == ("CANCELLED", "SUCCEEDED")
    whole, parts = read_boundary(bench.last("whole")), read_boundary(bench.last("parts"))
    assert_equal_weights(whole.weights, parts.weights)
    assert_equal_weights(whole.optimizer, parts.optimizer)
    assert [(t.before, t.after, t.reward, t.is_end) for t in whole.replay] == [
        (t.before, t.after, t.reward, t.is_end) for t in parts.replay
    ]
    assert len(whole.replay) == (64 if algorithm == "sac" else 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_sac_finds_the_best_actions_of_a_tiny_task(bench: Bench, seed: int) -> None:
    few = FEW.model_copy(update={"num_steps_between_training": 64, "sac_alpha": 0.05})
    changes = {"seed": seed, "hyperparameters": few, "stop": StopRules(max_steps=900), "evaluate_every": 1000}
    trainer = bench.trainer(NUMBERS, metadata_of("sac", is_continuous=True), changes=changes)

    assert trainer.train().reason == "960 steps"

    policy, _ = load_policy(bench.last())
    for place in (-1.0, 0.0, 1.0):
        action = policy.act(np.full(NUMBERS, place, np.float32))
        assert float(action[0]) == pytest.approx(0.8 * place, abs=0.2)


def test_blind_actions_become_rarer_by_the_schedule() -> None:
    settings = Hyperparameters(exploration_type="e-greedy", e_greedy_value=0.2, epsilon_steps=1000)

    shares = [epsilon_after(steps, settings) for steps in (0, 250, 500, 1000, 5000)]

    assert shares == pytest.approx([1.0, 0.8, 0.6, 0.2, 0.2])
    torch.manual_seed(0)
    actions = greedy_or_blind(torch.full((4000,), 2), 4, 0.2)
    assert float((actions == 2).float().mean()) == pytest.approx(0.85, abs=0.02)
    assert sorted(actions.unique().tolist()) == [0, 1, 2, 3]


def test_e_greedy_is_learnt_from_and_told(bench: Bench) -> None:
    hyperparameters = FEW.model_copy(
        update={
            "exploration_type": "e-greedy",
            "e_greedy_value": 0.4,
            "epsilon_steps": 64,
            "discount_factor": 0.0,
            "num_epochs": 10,
        }
    )
    changes = {"hyperparameters": hyperparameters, "stop": StopRules(max_steps=960), "evaluate_every": 1000}
    bench.trainer(NUMBERS, metadata_of("clipped_ppo", is_continuous=False), changes=changes).train()

    rows = RunDirectory(bench.folder / "run").read_rows("metrics.jsonl")
    policy, _ = load_policy(bench.last())
    assert [row["epsilon"] for row in rows[:3]] == pytest.approx([0.7, 0.4, 0.4])
    assert [int(policy.act(np.full(NUMBERS, place, np.float32))) for place in (-1.0, 0.0, 1.0)] == [0, 1, 2]


@pytest.mark.parametrize("is_continuous", [False, True])
def test_other_explorations_tell_no_epsilon(bench: Bench, is_continuous: bool) -> None:
    kind = "e-greedy" if is_continuous else "categorical"
    changes = {"hyperparameters": FEW.model_copy(update={"exploration_type": kind})}
    bench.trainer(NUMBERS, metadata_of("clipped_ppo", is_continuous=is_continuous), changes=changes).train()

    assert all("epsilon" not in row for row in RunDirectory(bench.folder / "run").read_rows("metrics.jsonl"))


def test_a_memory_forgets_the_oldest_and_gives_back_what_it_was_given() -> None:
    space = Sensed({"STEREO_CAMERAS": (36, 36, 2), "LIDAR": (8,)}, is_continuous=True).observation_space
    memory = ReplayMemory(space, capacity=3)
    rng = np.random.default_rng(0)
    batch = {
        "STEREO_CAMERAS": rng.integers(0, 256, (5, 36, 36, 2), dtype=np.uint8),
        "LIDAR": rng.random((5, 8), dtype=np.float32),
    }
    packed = memory.packing.pack_all(batch, 5)
    for i in range(4):
        action = np.array([0.25 * i, -1.0], np.float32)
        memory.add(Transition(packed[i], packed[i + 1], action, 0.5 * i, is_end=i == 3))

    kept = steps_from_tensors(steps_to_tensors(memory.snapshot()))

    assert [step.reward for step in kept] == [0.5, 1.0, 1.5]
    assert [step.is_end for step in kept] == [False, False, True]
    before, after = (memory.packing.unpack_all([getattr(step, end) for step in kept]) for end in ("before", "after"))
    for name, array in batch.items():
        assert np.array_equal(before[name].numpy(), array[1:4])
        assert np.array_equal(after[name].numpy(), array[2:5])
    sample = memory.sample(64)
    assert set(sample.rewards.flatten().tolist()) == {0.5, 1.0, 1.5}
    assert torch.equal(sample.dones, (sample.rewards == 1.5).float())
    assert torch.equal(sample.actions[:, :1], sample.rewards / 2)


def test_sac_is_refused_where_actions_are_a_list(bench: Bench) -> None:
    metadata = metadata_of("sac", is_continuous=True)
    run = RunDirectory(bench.folder)
    spec = spec_of(metadata)

    with pytest.raises(SpecError) as caught:
        Trainer(
            spec,
            run,
            one_stage(spec, lambda _rank: Sensed(NUMBERS, is_continuous=False), Sensed(NUMBERS, is_continuous=False)),
        )

    assert caught.value.field == "training_algorithm"
