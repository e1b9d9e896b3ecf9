"""From a track and a reward function to three clean laps, and everything that is left behind."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import pytest
from PIL import Image

from deepracer_local.runs import RunDirectory
from tests.integration.commands import run, run_json

REWARD = Path(__file__).parents[2] / "reward_functions" / "center_line.py"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("acceptance") / "run"
    result = run_json(
        *("train", "--track", "reinvent_2018", "--reward", REWARD, "--seed", 1),
        *("--stop-after-clean-laps", 3, "--max-minutes", 3, "--out", path),
    )
    assert result["reason"] == "3 clean evaluation laps in a row"
    return path


def test_it_drives_three_clean_laps_and_films_them(trained: Path) -> None:
    result = run_json("evaluate", trained, "--trials", 3)

    assert result["clean_laps"] == 3
    times = [lap["time_s"] for lap in result["laps"]]
    assert times == [lap["time_s"] for lap in RunDirectory(trained).read_rows("evaluations.jsonl")[-1]["laps"]]
    assert all(15.0 < time_s < 25.0 for time_s in times)
    with av.open(result["video"]) as video:
        frames = sum(1 for _ in video.decode(video=0))
    assert frames == min(result["laps"], key=lambda lap: lap["time_s"])["steps"]
    for picture in (result["plot"], trained / "learning.png"):
        with Image.open(picture) as image:
            assert image.width > 800


def test_the_lap_times_follow_from_the_trace(trained: Path) -> None:
    result = run_json("evaluate", trained, "--trials", 2, "--no-video")

    with (Path(result["directory"]) / "trace.csv").open() as file:
        rows = [(float(row["tstamp"]), float(row["progress"])) for row in csv.DictReader(file)]
    crossings = [
        i for i in range(1, len(rows)) if rows[i][1] == 100.0
    ]  # the step that completes a lap shows exactly 100
    assert len(crossings) == 2
    first, second = (lap["time_s"] for lap in result["laps"])
    assert rows[crossings[0] - 1][0] < first <= rows[crossings[0]][0] + 1e-4
    assert rows[crossings[1] - 1][0] < first + second <= rows[crossings[1]][0] + 1e-4


def test_it_can_be_evaluated_on_another_track(trained: Path) -> None:
    result = run_json("evaluate", trained, "--track", "oval", "--trials", 1, "--no-video")

    assert result["track"] == "oval"
    assert result["laps"][0]["progress"] > 5


def test_the_table_is_for_people(trained: Path) -> None:
    done = run("evaluate", trained, "--trials", 1, "--no-video")

    assert done.returncode == 0
    assert "Lap complete" in done.stdout
    assert "lap plot" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--checkpoint", "bset"], "Did you mean 'best'"),
        (["--track", "ovel"], "Did you mean 'oval'"),
    ],
    ids=["checkpoint", "track"],
)
def test_a_wrong_evaluation_is_refused(trained: Path, arguments: list[str], said: str) -> None:
    done = run("evaluate", trained, *arguments)

    assert done.returncode == 2
    assert said in done.stderr


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    done = run("evaluate", tmp_path)

    assert done.returncode == 2
    assert "checkpoint" in done.stderr
