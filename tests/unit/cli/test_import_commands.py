"""``import --out`` and ``import-drfc --out``: a run directory without a service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deepracer_local.cli import _import, _import_drfc
from deepracer_local.errors import ArchiveError, InvalidInputError
from deepracer_local.interop._drfc import read_variables
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.training import load_policy
from tests.unit.interop.archives import HYPERPARAMETERS, METADATA, REWARD, console, encoded, own, tar_gz

RUN_ENV = """# a comment
DR_RUN_ID=0
DR_WORLD_NAME=oval
DR_RACE_TYPE=TIME_TRIAL
DR_TRAIN_REVERSE_DIRECTION=True
DR_TRAIN_CHANGE_START_POSITION=False
DR_TRAIN_MIN_EVAL_TRIALS=4
export DR_EVAL_NUMBER_OF_TRIALS="5"   # laps
DR_OA_NUMBER_OF_OBSTACLES=6
DR_CAR_NAME='it is $(touch /tmp/never) `touch never`'
DR_LOCAL_S3_BUCKET=bucket
"""


def run(app: Any, *arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def laid_out(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(encoded(content))
    return folder


def test_an_export_becomes_a_run_directory_that_can_be_driven(tmp_path: Path) -> None:
    (tmp_path / "car.tar.gz").write_bytes(tar_gz(own(), top="car/"))

    found = run(_import.app, str(tmp_path / "car.tar.gz"), "--out", str(tmp_path / "run"))

    made = RunDirectory(tmp_path / "run")
    policy, info = load_policy(Checkpoints(made.checkpoints_path).find("best"))
    assert policy.network.action_space.n == 3  # type: ignore[attr-defined]
    assert (info.total_steps, info.evaluation) == (512, None)
    assert (found["has_weights"], found["track"], made.read_spec().seed) == (True, "oval", 7)
    assert made.read_rows("metrics.jsonl") == made.read_rows("evaluations.jsonl") == []


def test_a_folder_is_read_as_an_archive_is(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "model", console() | {"film.mp4": b"x" * 100, ".DS_Store": b"x"})
    (folder / "link.json").symlink_to(folder / "hyperparameters.json")

    found = run(_import.app, str(folder), "--out", str(tmp_path / "run"), "--track", "serpent")

    names = [one["name"] for one in found["not_taken"]]
    assert (found["track"], found["has_weights"]) == ("serpent", False)
    assert "films and pictures: film.mp4" in names
    assert not [name for name in names if "link" in name or "DS_Store" in name]


def test_deepracer_for_cloud_is_told_over(tmp_path: Path) -> None:
    files = {
        "run.env": RUN_ENV,
        "system.env": "DR_CLOUD=local\nDR_WORKERS=2\n",
        "custom_files/reward_function.py": REWARD,
        "custom_files/model_metadata.json": METADATA,
        "custom_files/hyperparameters.json": HYPERPARAMETERS | {"term_cond_max_episodes": 1000},
    }

    found = run(_import_drfc.app, str(laid_out(tmp_path / "drfc", files)), "--out", str(tmp_path / "run"))

    spec = RunDirectory(tmp_path / "run").read_spec()
    assert (spec.track, spec.race.reverse_dir, spec.race.start_position) == ("oval", True, "fixed")
    assert (spec.evaluation_laps, spec.hyperparameters.term_cond_max_episodes) == (4, 1000)
    assert spec.model_metadata.to_file_dict()["action_space"] == METADATA["action_space"]
    reasons = {one["name"].removeprefix("training_params.yaml: "): one["reason"] for one in found["not_taken"]}
    assert "--trials 5" in reasons["NUMBER_OF_TRIALS"]
    expected = {
        "NUM_WORKERS",
        "DR_CAR_NAME",
        "DR_LOCAL_S3_BUCKET",
        "DR_OA_NUMBER_OF_OBSTACLES",
        "DR_RUN_ID",
        "DR_CLOUD",
    }
    assert expected <= set(reasons)
    assert not Path("/tmp/never").exists()


@pytest.mark.parametrize(
    ("variables", "rules"),
    [
        (
            "DR_RACE_TYPE=OBJECT_AVOIDANCE\nDR_OA_NUMBER_OF_OBSTACLES=4\nDR_OA_MIN_DISTANCE_BETWEEN_OBSTACLES=1.5\n"
            "DR_OA_RANDOMIZE_OBSTACLE_LOCATIONS=True\nDR_OA_IS_OBSTACLE_BOT_CAR=True\n"
            'DR_OA_OBJECT_POSITIONS="0.23,-1;0.46,1"\n',
            {
                "number_of_obstacles": 4,
                "min_distance_between_obstacles": 1.5,
                "randomize_obstacle_locations": True,
                "is_obstacle_bot_car": True,
                "object_positions": ("0.23,-1", "0.46,1"),
            },
        ),
        (
            "DR_RACE_TYPE=HEAD_TO_BOT\nDR_H2B_NUMBER_OF_BOT_CARS=2\nDR_H2B_MIN_DISTANCE_BETWEEN_BOT_CARS=3.0\n"
            "DR_H2B_RANDOMIZE_BOT_CAR_LOCATIONS=True\nDR_H2B_BOT_CAR_SPEED=0.4\nDR_H2B_IS_LANE_CHANGE=True\n"
            "DR_H2B_LOWER_LANE_CHANGE_TIME=6.0\nDR_H2B_UPPER_LANE_CHANGE_TIME=8.0\n"
            "DR_H2B_LANE_CHANGE_DISTANCE=2.0\n",
            {
                "number_of_bot_cars": 2,
                "min_distance_between_bot_cars": 3.0,
                "randomize_bot_car_locations": True,
                "bot_car_speed": 0.4,
                "is_lane_change": True,
                "lower_lane_change_time": 6.0,
                "upper_lane_change_time": 8.0,
                "lane_change_distance": 2.0,
            },
        ),
    ],
    ids=["obstacles", "other cars"],
)
def test_the_races_of_deepracer_for_cloud_arrive_whole(variables: str, rules: dict[str, Any], tmp_path: Path) -> None:
    everything = f"DR_WORLD_NAME=oval\nDR_OA_NUMBER_OF_OBSTACLES=6\nDR_H2B_NUMBER_OF_BOT_CARS=3\n{variables}"
    folder = laid_out(tmp_path / "drfc", {"run.env": everything, "custom_files/reward_function.py": REWARD})

    found = run(_import_drfc.app, str(folder), "--out", str(tmp_path / "run"))

    race = RunDirectory(tmp_path / "run").read_spec().race
    assert {name: getattr(race, name) for name in rules} == rules
    assert not [one for one in found["not_taken"] if any(name.upper() in one["name"].split() for name in rules)]


def test_variables_are_text() -> None:
    found = read_variables("A=$HOME\nexport B='x y' # z\nC=\nD=a#b # c\nE=\"$(id)\"\n", source="run.env")

    assert found == {"A": "$HOME", "B": "x y", "C": "", "D": "a#b", "E": "$(id)"}


@pytest.mark.parametrize("text", ["rm -rf x", "A='x", 'A="x" y', "1=2"])
def test_a_line_that_sets_nothing_is_named(text: str) -> None:
    with pytest.raises(ArchiveError, match=r"run\.env: line 2"):
        read_variables(f"A=1\n{text}\n", source="run.env")


def test_what_is_no_model_is_said_in_a_sentence(tmp_path: Path) -> None:
    for app, arguments in (
        (_import.app, [str(tmp_path / "nothing.tar.gz"), "--out", str(tmp_path / "run")]),
        (_import.app, [str(laid_out(tmp_path / "empty", {"a.txt": "x"})), "--out", str(tmp_path / "run")]),
        (_import_drfc.app, [str(tmp_path), "--out", str(tmp_path / "run")]),
    ):
        with pytest.raises(InvalidInputError, match=r"expected|Expected"):
            CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert not (tmp_path / "run").exists()
