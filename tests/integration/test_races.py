"""Real trainings and evaluations of each kind of race, by command and in processes of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.runs import RunDirectory
from tests.integration.commands import run, run_json

SHORT = ("--track", "oval", "--max-steps", 512, "--cars", 4)


def objects_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def among_boxes(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    path = tmp_path_factory.mktemp("boxes") / "run"
    run_json("train", *SHORT, "--obstacles", 3, "--random-places", "--out", path)
    return RunDirectory(path)


def test_a_training_among_drawn_boxes_writes_down_where_they_were(among_boxes: RunDirectory) -> None:
    race = among_boxes.read_spec().race
    assert (race.race_type, race.number_of_obstacles, race.randomize_obstacle_locations) == (
        "OBJECT_AVOIDANCE",
        3,
        True,
    )
    traces = among_boxes.trace_files("training")
    rows = [row for path in traces for row in objects_of(path.with_name(f"{path.stem}.objects.jsonl"))]
    # One row for each episode and file it is in: boxes stand still.
    began = {row["episode"]: row["objects"] for row in rows if row["steps"] == 1}
    episodes = {line.split(",")[0] for path in traces for line in path.read_text().splitlines()[1:]}
    assert set(began) == {int(episode) for episode in episodes}
    assert all(len(objects) == 3 and {item["kind"] for item in objects} == {"box"} for objects in began.values())
    assert len({json.dumps(objects) for objects in began.values()}) == len(began)
    assert all(row["objects"] == began[row["episode"]] for row in rows)


def test_an_evaluation_of_it_goes_on_after_faults_and_says_what_they_cost(among_boxes: RunDirectory) -> None:
    rules = ("--off-track", "continue", "--resets", 3, "--off-track-penalty", 1.5, "--collision-penalty", 2.5)

    one, same = (run_json("evaluate", among_boxes.path, "--trials", 1, "--no-video", *rules) for _ in range(2))
    other = run_json("evaluate", among_boxes.path, "--trials", 1, "--no-video", *rules, "--seed", 5, "--reverse")

    [lap] = one["laps"]
    assert 0 < lap["resets"] <= 3
    set_back = lap["off_tracks"] + lap["crashes"] - (lap["outcome"] != "lap_complete")
    assert set_back == lap["resets"]
    folder, again, elsewhere = (Path(told["directory"]) for told in (one, same, other))
    header, *lines = (folder / "trace.csv").read_text().splitlines()
    trace = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    pauses = [float(row["pause_duration"]) for row in trace if row["episode_status"] == "pause"]
    assert (len(pauses), sum(pauses)) == (lap["resets"], pytest.approx(lap["penalty_s"]))
    assert lap["time_s"] == pytest.approx(float(trace[-1]["tstamp"]), abs=1 / 15)
    assert one["laps"] == same["laps"]
    assert objects_of(folder / "objects.jsonl") == objects_of(again / "objects.jsonl")
    assert objects_of(folder / "objects.jsonl") != objects_of(elsewhere / "objects.jsonl")
    assert json.loads((folder / "laps.json").read_text())["race"]["number_of_resets"] == 3


def test_a_training_among_other_cars_writes_down_how_they_moved(tmp_path: Path) -> None:
    wish = {"race_type": "HEAD_TO_BOT", "number_of_bot_cars": 2, "bot_car_speed": 0.8, "is_lane_change": True}
    (tmp_path / "race.json").write_text(json.dumps(wish))
    run_json("train", *SHORT, "--race", tmp_path / "race.json", "--bots", 1, "--out", tmp_path / "run")
    told = run_json("evaluate", tmp_path / "run", "--trials", 1, "--no-video", "--bots", 3)

    spec = RunDirectory(tmp_path / "run").read_spec().race
    assert (spec.number_of_bot_cars, spec.bot_car_speed) == (1, 0.8)  # an option overrules the file
    folder = Path(told["directory"])
    rows = objects_of(folder / "objects.jsonl")
    assert [row["steps"] for row in rows] == list(range(1, len(rows) + 1))  # they move in every step
    assert len(rows) == len((folder / "trace.csv").read_text().splitlines()) - 1
    assert {len(row["objects"]) for row in rows} == {3}


def test_what_does_not_fit_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = run("train", *SHORT, "--obstacles", 9, "--out", tmp_path / "run")

    assert done.returncode == 2
    assert "number_of_obstacles" in done.stderr
    assert not (tmp_path / "run").exists()
