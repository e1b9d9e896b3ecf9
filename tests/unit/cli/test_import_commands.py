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
