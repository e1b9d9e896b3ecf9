"""A curriculum on a tiny environment: what is kept from stage to stage, what rows say, and resuming anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from deepracer_local.domain import StopRules, TrainSpec, parse_curriculum, with_curriculum
from deepracer_local.runs import Checkpoints, RunDirectory, read_info
from deepracer_local.training import EnvironmentsOf, Road, StageEnvironments
from deepracer_local.training._boundary import read_boundary
from tests.unit.training.conftest import Corridor, MakeTrainer, corridor_spec


class Turned(Corridor):
    """The corridor in which each step goes the other way: who has learnt one knows nothing of the other."""

    def step(self, action: np.int64) -> Any:
        return super().step(np.int64(1 - int(action)))


def environments(*kinds: type[Corridor]) -> EnvironmentsOf:
    """Returns a stage of each of these."""

    def of(stage: int) -> StageEnvironments:
        return StageEnvironments((kinds[stage],) * 8, (Road("corridor", kinds[stage]()),))

    return of


def staged(*advance: dict[str, Any], look_back_every: int = 1, **changes: Any) -> TrainSpec:
    """Returns a training in which each stage but the last has these rules."""
    stages = [*({"name": f"s{i}", "advance": rules} for i, rules in enumerate(advance)), {"name": "end"}]
    wish = parse_curriculum({"stages": stages, "look_back_every": look_back_every})
    return with_curriculum(corridor_spec(**changes), wish)


def stop_after(calls: int) -> Callable[[], bool]:
    """Answers False so many times, then True for ever."""
    remaining = iter(range(calls))
    return lambda: next(remaining, None) is None


THREE = {
    "spec": staged({"max_steps": 256}, {"max_steps": 512}),
    "environments": environments(Corridor, Turned, Corridor),
}


def told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns rows without what the clock says."""
    return [{key: value for key, value in row.items() if key not in {"training_seconds", "wall_clock"}} for row in rows]


def test_every_row_says_its_stage_and_what_was_learnt_goes_along(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    result = make_trainer(**THREE).train()

    run = RunDirectory(tmp_path / "run")
    metrics, evaluations = run.read_rows("metrics.jsonl"), run.read_rows("evaluations.jsonl")
    assert [row["stage"] for row in metrics] == [1, 2, 2, 3]
    assert [row["stage"] for row in evaluations] == [1, 2, 2, 3]
    assert [row["total_steps"] for row in metrics] == [256, 512, 768, 1024]
    first_of = {stage: min(e.episode for e in run.read_episodes() if e.stage == stage) for stage in (1, 2, 3)}
    assert first_of[1] == 0 < first_of[2] < first_of[3]
    assert (result.stage, result.reason) == (3, "1024 steps")
    moments = read_boundary(Checkpoints(run.checkpoints_path).find("last")).optimizer
    assert {int(tensor) for name, tensor in moments.items() if name.endswith(".steps")} == {4 * 4 * 4}
    progress = run.read_progress()
    assert (progress["stage"], progress["stages"], progress["stage_name"]) == (3, 3, "end")


@pytest.mark.parametrize("calls", [20, 140, 200, 300], ids=lambda calls: f"after {calls} questions")
def test_a_training_that_is_interrupted_in_any_stage_ends_as_an_uninterrupted_one(
    make_trainer: MakeTrainer, tmp_path: Path, calls: int
) -> None:
    make_trainer("whole", **THREE).train()

    interrupted = make_trainer("parts", **THREE, should_stop=stop_after(calls)).train()
    make_trainer("parts", **THREE).train(resume=True)

    whole, parts = RunDirectory(tmp_path / "whole"), RunDirectory(tmp_path / "parts")
    assert interrupted.state == "CANCELLED"
    one, other = (read_boundary(Checkpoints(run.checkpoints_path).find("last")) for run in (whole, parts))
    for name, tensor in one.weights.items():
        assert torch.equal(tensor, other.weights[name]), name
    assert other.counters.left == one.counters.left
    assert parts.read_episodes() == whole.read_episodes()
    for file in ("metrics.jsonl", "evaluations.jsonl"):
        assert told(parts.read_rows(file)) == told(whole.read_rows(file))


class Killed(BaseException):
    """What ends a process without a word."""


@pytest.mark.parametrize("calls", [150, 290], ids=lambda calls: f"after {calls} questions")
def test_a_training_that_is_killed_in_a_later_stage_ends_as_an_uninterrupted_one(
    make_trainer: MakeTrainer, tmp_path: Path, calls: int
) -> None:
    is_time = stop_after(calls)

    def kill() -> bool:
        if is_time():
            raise Killed
        return False

    make_trainer("whole", **THREE).train()

    with pytest.raises(Killed):
        make_trainer("parts", **THREE, should_stop=kill).train()
    make_trainer("parts", **THREE).train(resume=True)

    whole, parts = RunDirectory(tmp_path / "whole"), RunDirectory(tmp_path / "parts")
    one, other = (read_boundary(Checkpoints(run.checkpoints_path).find("last")) for run in (whole, parts))
    assert all(torch.equal(tensor, other.weights[name]) for name, tensor in one.weights.items())
    assert parts.read_episodes() == whole.read_episodes()


def test_the_interruptions_above_fall_into_every_stage(make_trainer: MakeTrainer) -> None:
    stages = {
        make_trainer(f"run{calls}", **THREE, should_stop=stop_after(calls)).train().stage for calls in (20, 180, 300)
    }

    assert stages == {1, 2, 3}


def test_clean_laps_end_the_training_in_the_last_stage_only(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    stop = StopRules(clean_laps=4, max_steps=20_000)
    spec = staged({"completion": 100, "evaluations": 2}, stop=stop)

    result = make_trainer(spec=spec, environments=environments(Corridor, Corridor)).train()

    rows = RunDirectory(tmp_path / "run").read_rows("evaluations.jsonl")
    assert [row["mean_progress"] for row in rows[-3:]] == [100.0, 100.0, 100.0]
    assert [row["stage"] for row in rows[-3:]] == [1, 1, 2]
    assert (result.stage, result.reason) == (2, "4 clean evaluation laps in a row")


def test_the_best_checkpoint_is_of_the_last_stage_and_what_is_forgotten_is_reported(
    make_trainer: MakeTrainer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = staged({"completion": 100}, look_back_every=3, stop=StopRules(max_steps=4096))

    make_trainer(spec=spec, environments=environments(Corridor, Turned)).train()

    run = RunDirectory(tmp_path / "run")
    rows = run.read_rows("evaluations.jsonl")
    second = [row for row in rows if row["stage"] == 2]
    assert rows[rows.index(second[0]) - 1]["mean_progress"] == 100.0 > second[0]["mean_progress"]
    assert second[0]["is_best"]  # though all that was driven before was better
    assert read_info(Checkpoints(run.checkpoints_path).find("best")).stage == 2
    looks = [row["earlier"] for row in second if "earlier" in row]
    assert [i for i, row in enumerate(second, 1) if "earlier" in row] == [*range(3, len(second) + 1, 3)]
    assert all((one["stage"], one["when_left"]) == (1, 100.0) for [one] in looks)
    assert [one["is_forgotten"] for [one] in looks] == [one["mean_progress"] < 80.0 for [one] in looks]
    assert run.read_progress()["forgotten_stages"] == [1]
    assert capsys.readouterr().out.count("stage 1 (s0) is forgotten: completion 100 % when it was left") == 1


def test_every_stage_has_seeds_of_its_own(make_trainer: MakeTrainer) -> None:
    spec = staged({"max_steps": 256}, stop=StopRules(max_steps=256))
    begun: list[tuple[str, int | None]] = []

    def noting(stage: int) -> StageEnvironments:
        class Noting(Corridor):
            def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
                if seed is not None:
                    begun.append((f"stage {stage}", seed))
                return super().reset(seed=seed, options=options)

        return StageEnvironments((Noting,) * 8, (Road("corridor", Corridor()),))

    make_trainer(spec=spec, environments=noting).train()

    assert begun == [*((("stage 0", 3 + i)) for i in range(8)), *((("stage 1", 1003 + i)) for i in range(8))]
