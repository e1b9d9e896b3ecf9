"""The run directory and its checkpoints: whole or not there, and honest about damage."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from deepracer_local.domain import DEFAULT_METADATA, Network, Outcome, StepRecord, TrainResult, TrainSpec
from deepracer_local.errors import RunDirectoryError, RunNotFoundError, UnknownNameError
from deepracer_local.runs import TRACE_HEADER, CheckpointInfo, Checkpoints, RunDirectory, trace_row


def info_at(iterations: int) -> CheckpointInfo:
    return CheckpointInfo(
        network=Network.FAST,
        observation_shape=(120, 160, 1),
        observation_dtype="uint8",
        n_actions=5,
        action_dimensions=None,
        model_metadata=DEFAULT_METADATA,
        total_steps=iterations * 512,
        iterations=iterations,
        evaluation=None,
    )


def publish(checkpoints: Checkpoints, iterations: int, *, is_best: bool = False) -> str:
    def write(folder: Path) -> None:
        for name in ("policy.safetensors", "trainer.safetensors", "trainer.json"):
            (folder / name).write_bytes(b"x")

    return checkpoints.publish(info_at(iterations), write, is_best=is_best, keep_every=10)


def test_a_checkpoint_tells_what_one_or_what_several_sensors_give() -> None:
    one = info_at(1).model_dump(mode="json")
    old = {name: value for name, value in one.items() if name != "sensors"}
    sensors = {"LIDAR": {"shape": [64], "dtype": "float32"}}

    assert CheckpointInfo.model_validate(old) == info_at(1)
    several = CheckpointInfo.model_validate(one | _NO_ARRAY | {"sensors": sensors})
    assert several.sensors is not None
    assert several.sensors["LIDAR"].shape == (64,)
    for wrong in (one | {"sensors": sensors}, one | _NO_ARRAY):
        with pytest.raises(ValidationError, match="either"):
            CheckpointInfo.model_validate(wrong)


_NO_ARRAY = {"observation_shape": None, "observation_dtype": None}


def test_best_last_and_every_tenth_checkpoint_are_kept(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)

    for iterations in range(1, 24):
        publish(checkpoints, iterations, is_best=iterations == 7)

    assert [int(name) // 512 for name in checkpoints.names()] == [7, 10, 20, 23]
    assert checkpoints.find("best").name == f"{7 * 512:09d}"
    assert checkpoints.find("last").name == f"{23 * 512:09d}"


def test_only_the_last_checkpoint_keeps_what_resuming_needs(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)

    publish(checkpoints, 10)
    publish(checkpoints, 20)

    assert not (tmp_path / f"{10 * 512:09d}" / "trainer.json").exists()
    assert (tmp_path / f"{10 * 512:09d}" / "policy.safetensors").exists()
    assert (tmp_path / f"{20 * 512:09d}" / "trainer.json").exists()


def test_a_write_that_fails_leaves_the_former_checkpoint(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    name = publish(checkpoints, 1, is_best=True)

    def fail(_folder: Path) -> None:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        checkpoints.publish(info_at(2), fail, is_best=True, keep_every=10)

    assert checkpoints.names() == [name]
    assert checkpoints.find("best").name == name


def test_an_unknown_checkpoint_suggests_the_nearest(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    publish(checkpoints, 1)

    with pytest.raises(UnknownNameError, match="Did you mean 'best'"):
        checkpoints.find("bset")


def test_a_run_without_checkpoints_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="Train for longer"):
        Checkpoints(tmp_path).find("best")


def test_a_specification_reads_back_equal(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    spec = TrainSpec(track="oval", seed=7)

    run.write_spec(spec)

    assert run.read_spec() == spec


@pytest.mark.parametrize("content", ["", "{", "[]", '{"track": 3}', '{"format_version": 2, "track": "oval"}'])
def test_a_damaged_specification_is_explained(tmp_path: Path, content: str) -> None:
    run = RunDirectory(tmp_path)
    run.spec_path.write_text(content)

    with pytest.raises(RunDirectoryError, match=r"spec\.json"):
        run.read_spec()


def test_a_folder_that_is_no_run_is_explained(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="Check the path"):
        RunDirectory(tmp_path / "nowhere").read_spec()


def test_an_unfinished_last_line_is_left_out(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.append_rows("metrics.jsonl", [{"iteration": 1}])
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"iteration": 2')

    assert run.read_rows("metrics.jsonl") == [{"iteration": 1}]


def test_rolling_back_cuts_rows_and_traces(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    for iteration in (1, 2, 3):
        run.append_rows("metrics.jsonl", [{"iteration": iteration}])
        run.write_trace("training", iteration - 1, ["row"])
        run.write_trace("evaluation", iteration, ["row"])
        if iteration == 2:
            sizes = run.file_sizes()

    run.roll_back(sizes, 2)

    assert [row["iteration"] for row in run.read_rows("metrics.jsonl")] == [1, 2]
    assert [path.stem for path in run.trace_files("training")] == ["0", "1"]
    assert [path.stem for path in run.trace_files("evaluation")] == ["1", "2"]


def test_a_result_reads_back_equal(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    result = TrainResult(
        state="SUCCEEDED",
        reason="512 steps",
        total_steps=512,
        iterations=1,
        episodes=3,
        training_seconds=1.5,
        best_checkpoint="000000512",
        best_lap_time_s=None,
    )

    assert run.read_result() is None
    run.write_result(result)

    assert run.read_result() == result


def test_a_trace_row_has_a_value_for_every_column() -> None:
    record = StepRecord(
        2,
        0.2078,
        -2.173,
        179.9865,
        15.0,
        1.5,
        "8",
        0.25,
        False,
        True,
        0.2333,
        4,
        60.0,
        1 / 15,
        Outcome.IN_PROGRESS,
        1.1,
    )

    row = dict(zip(TRACE_HEADER.split(","), trace_row(record, episode=3, wall_clock_s=1.5).split(","), strict=True))

    assert row["episode"] == "3"
    assert row["yaw"] == "179.9865"
    assert row["throttle"] == "1.50"
    assert row["done"] == "False"
    assert row["episode_status"] == "in_progress"
    assert row["measured_speed"] == "1.1000"
