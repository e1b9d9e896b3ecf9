"""Training on a tiny environment with a known optimum: learning, stopping, resuming."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from deepracer_local.domain import Hyperparameters, StopRules
from deepracer_local.errors import InvalidInputError
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.training import load_policy
from deepracer_local.training._boundary import read_boundary
from tests.unit.training.conftest import CORRIDOR_HYPERPARAMETERS, Corridor, MakeTrainer, corridor_spec


def weights_of(run: Path) -> dict[str, torch.Tensor]:
    return read_boundary(Checkpoints(run / "checkpoints").find("last")).weights


def assert_equal_weights(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]), name


def stop_after(calls: int) -> Callable[[], bool]:
    """Answers False so many times, then True for ever."""
    remaining = iter(range(calls))
    return lambda: next(remaining, None) is None


def test_training_finds_the_optimum_of_the_corridor(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    trainer = make_trainer(spec=corridor_spec(stop=StopRules(clean_laps=4, max_steps=40_000)))

    result = trainer.train()

    assert result.reason == "4 clean evaluation laps in a row"
    policy, _ = load_policy(Checkpoints(tmp_path / "run" / "checkpoints").find("best"))
    env = Corridor()
    for seed in range(10):
        observation, _ = env.reset(seed=seed)
        rewards, terminated, truncated = [], False, False
        while not (terminated or truncated):
            observation, reward, terminated, truncated, _ = env.step(policy.act(observation))
            rewards.append(reward)
        assert rewards == [-0.02] * 4 + [1.0]


def test_the_same_seed_gives_the_same_weights(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    make_trainer("one").train()
    make_trainer("other").train()

    assert_equal_weights(weights_of(tmp_path / "one"), weights_of(tmp_path / "other"))


def test_another_seed_gives_other_weights(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    make_trainer("one").train()
    make_trainer("other", spec=corridor_spec(seed=4)).train()

    one, other = weights_of(tmp_path / "one"), weights_of(tmp_path / "other")
    assert any(not torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("calls", [1, 5, 40, 50, 70, 130], ids=lambda calls: f"after {calls} questions")
def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(
    make_trainer: MakeTrainer, tmp_path: Path, calls: int
) -> None:
    make_trainer("whole").train()

    interrupted = make_trainer("parts", should_stop=stop_after(calls)).train()
    resumed = make_trainer("parts").train(resume=True)

    assert interrupted.state == "CANCELLED"
    assert resumed.state == "SUCCEEDED"
    assert_equal_weights(weights_of(tmp_path / "whole"), weights_of(tmp_path / "parts"))
    whole, parts = RunDirectory(tmp_path / "whole"), RunDirectory(tmp_path / "parts")
    assert parts.read_episodes() == whole.read_episodes()
    assert [row["policy_loss"] for row in parts.read_rows("metrics.jsonl")] == [
        row["policy_loss"] for row in whole.read_rows("metrics.jsonl")
    ]
    assert [row["laps"] for row in parts.read_rows("evaluations.jsonl")] == [
        row["laps"] for row in whole.read_rows("evaluations.jsonl")
    ]


def test_a_stopped_training_leaves_a_loadable_checkpoint(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    result = make_trainer(should_stop=lambda: True).train()

    assert result.state == "CANCELLED"
    policy, info = load_policy(Checkpoints(tmp_path / "run" / "checkpoints").find("last"))
    assert info.total_steps == 0
    assert int(policy.act(np.zeros(2, np.float32))) in {0, 1}


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (StopRules(max_steps=300), "512 steps"),
        (StopRules(max_minutes=1e-9), "1e-09 minutes"),
    ],
    ids=["steps", "minutes"],
)
def test_a_stop_rule_ends_the_training(make_trainer: MakeTrainer, rules: StopRules, reason: str) -> None:
    assert make_trainer(spec=corridor_spec(stop=rules)).train().reason == reason


def test_the_episodes_rule_ends_the_training(make_trainer: MakeTrainer) -> None:
    result = make_trainer(spec=corridor_spec(stop=StopRules(max_episodes=5))).train()

    assert result.episodes >= 5
    assert result.reason == f"{result.episodes} episodes"


def test_an_update_follows_whole_episodes_where_the_original_says_so(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    hyperparameters = CORRIDOR_HYPERPARAMETERS.model_copy(
        update={"num_steps_between_training": None, "num_episodes_between_training": 24}
    )
    make_trainer(spec=corridor_spec(hyperparameters=hyperparameters, stop=StopRules(max_episodes=60))).train()

    episodes = RunDirectory(tmp_path / "run").read_episodes()
    per_iteration = [sum(e.iteration == i for e in episodes) for i in range(episodes[-1].iteration + 1)]
    assert all(24 <= n < 24 + 8 for n in per_iteration)


def test_a_loss_that_is_not_finite_is_explained(make_trainer: MakeTrainer) -> None:
    class Exploding(Corridor):
        def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, object]]:
            observation, _, terminated, truncated, info = super().step(action)
            return observation, float("nan"), terminated, truncated, info

    trainer = make_trainer()
    trainer._env.envs = [Exploding() for _ in range(8)]

    with pytest.raises(InvalidInputError, match="diverged"):
        trainer.train()


@pytest.mark.parametrize("loss_type", ["huber", "mean squared error"])
def test_both_losses_train(make_trainer: MakeTrainer, loss_type: str) -> None:
    values = CORRIDOR_HYPERPARAMETERS.model_dump() | {"loss_type": loss_type}

    result = make_trainer(spec=corridor_spec(hyperparameters=Hyperparameters(**values))).train()

    assert result.state == "SUCCEEDED"


def test_only_what_is_needed_is_kept(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    make_trainer(spec=corridor_spec(stop=StopRules(max_steps=2048))).train()

    checkpoints = Checkpoints(tmp_path / "run" / "checkpoints")
    index = checkpoints.index()
    every_second = {f"{steps:09d}" for steps in range(512, 2049, 512)}
    assert set(checkpoints.names()) == every_second | {index.best, index.last}
    assert [name for name in checkpoints.names() if (checkpoints.directory / name / "trainer.json").exists()] == [
        index.last
    ]
