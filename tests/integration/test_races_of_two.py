"""Real races of two trained models: by command, and by the service in processes of its own."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import av
import pytest

from deepracer_local.client import ServiceError
from deepracer_local.domain import RANDOMISATIONS, EvaluationRace
from deepracer_local.errors import ReplayError, SpecError
from deepracer_local.runs import RunDirectory, actions_beside
from deepracer_local.track import builtin_tracks_dir, find_track
from deepracer_local.workers.evaluation import Opponent, evaluate_run
from deepracer_local.workers.replay import check, film, read_evaluation
from tests.integration.commands import run as run_command
from tests.integration.commands import run_json
from tests.integration.service import running_service

SHORT = ("--track", "oval", "--max-steps", 256, "--cars", 4)
RULES = ("--off-track", "continue", "--resets", 2, "--off-track-penalty", 1.5, "--opponent-distance", -1.5)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Returns one that looks through the camera, and one that is told its place."""
    folder = tmp_path_factory.mktemp("runs")
    seeing, told = folder / "seeing", folder / "told"
    run_json("train", *SHORT, "--out", seeing)
    run_json("train", *SHORT, "--sensor", "STATE", "--seed", 2, "--out", told)
    return seeing, told


@pytest.fixture(scope="module")
def raced(runs: tuple[Path, Path]) -> dict[str, Any]:
    seeing, told = runs
    return run_json("evaluate", seeing, "--opponent", told, *RULES, "--trials", 2)


@pytest.fixture
def copy(runs: tuple[Path, Path], raced: dict[str, Any], tmp_path: Path) -> RunDirectory:
    assert raced["laps"]
    return RunDirectory(Path(shutil.copytree(runs[0], tmp_path / "run")))


def rows_of(trace: Path) -> list[dict[str, str]]:
    header, *lines = trace.read_text().splitlines()
    return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


def objects_of(path: Path) -> dict[int, list[dict[str, Any]]]:
    return {row["steps"]: row["objects"] for row in map(json.loads, path.read_text().splitlines())}


def test_both_get_traces_laps_and_a_verdict(raced: dict[str, Any]) -> None:
    folder = Path(raced["directory"])
    about = json.loads((folder / "laps.json").read_text())

    assert raced["opponent"]["name"] == "told"
    assert raced["verdict"]["winner"] in {"model", "opponent", "nobody"}
    assert (about["verdict"], about["laps"]) == (raced["verdict"], raced["laps"])
    assert about["opponent"]["laps"] == raced["opponent"]["laps"]
    traces = {name: rows_of(folder / name) for name in ("trace.csv", "opponent.csv")}
    for name, laps in (("trace.csv", raced["laps"]), ("opponent.csv", raced["opponent"]["laps"])):
        assert len(traces[name]) == sum(lap["steps"] for lap in laps)
        pauses = [float(row["pause_duration"]) for row in traces[name] if row["episode_status"] == "pause"]
        assert sum(pauses) == pytest.approx(sum(lap["penalty_s"] for lap in laps))
    # Each met the other where its trace says that it was, 0.14 m before the front point.
    for mine, theirs in (("objects.jsonl", "opponent.csv"), ("opponent.objects.jsonl", "trace.csv")):
        met = objects_of(folder / mine)[2]
        assert [item["yaw"] for item in met] == [pytest.approx(float(traces[theirs][1]["yaw"]), abs=0.001)]
        away = (float(traces[theirs][1]["X"]) - met[0]["x"], float(traces[theirs][1]["Y"]) - met[0]["y"])
        assert float(away[0] ** 2 + away[1] ** 2) ** 0.5 == pytest.approx(0.14, abs=0.002)


def test_the_same_race_comes_out_the_same_and_is_printed(runs: tuple[Path, Path], raced: dict[str, Any]) -> None:
    done = run_command("evaluate", runs[0], "--opponent", runs[1], *RULES, "--trials", 2, "--no-video", "--no-insight")
    folder = runs[0] / "evaluations" / "2"

    assert done.returncode == 0, done.stderr
    for name in ("actions.jsonl", "opponent.actions.jsonl", "objects.jsonl", "opponent.objects.jsonl"):
        assert (folder / name).read_bytes() == (Path(raced["directory"]) / name).read_bytes()
    assert "told, checkpoint" in done.stdout
    assert raced["verdict"]["reason"] in done.stdout


def test_both_are_driven_again_bit_for_bit_and_filmed(copy: RunDirectory, tmp_path: Path) -> None:
    folder = copy.evaluations_path / "1"
    n_rows = sum(len(rows_of(folder / name)) for name in ("trace.csv", "opponent.csv"))

    done = run_command("replay", copy.path, "--evaluation", 1, "--check")
    other = read_evaluation(copy, "1", opponent=True)
    n_frames = film(other, tmp_path / "film.mp4", view="top", lap=1)

    assert (done.returncode, done.stdout) == (0, f"{n_rows} steps equal\n")
    assert check(other) == n_rows
    other.close()
    assert n_frames == other.laps[0].steps
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == n_frames


@pytest.mark.parametrize("trace", ["trace.csv", "opponent.csv"])
def test_a_changed_action_of_either_is_noticed(copy: RunDirectory, trace: str) -> None:
    path = actions_beside(copy.evaluations_path / "1" / trace)
    row = json.loads(path.read_text())
    row["actions"][4] = (row["actions"][4] + 1) % 5
    path.write_text(json.dumps(row) + "\n")
    recorded = read_evaluation(copy, "1")

    with pytest.raises(ReplayError) as caught:
        check(recorded)

    recorded.close()
    assert caught.value.steps == 6


def test_heats_on_an_open_track_under_drawn_conditions_are_driven_again(runs: tuple[Path, Path]) -> None:
    opponent = Opponent(RunDirectory(runs[1]), "last", "told")
    evaluation = evaluate_run(
        RunDirectory(runs[0]),
        trials=2,
        track=find_track("drag_strip", [builtin_tracks_dir()]),
        race=EvaluationRace(race_type="HEAD_TO_MODEL", opponent_distance=0.0),
        randomisation=RANDOMISATIONS["strong"],
        opponent=opponent,
        with_video=False,
        with_insight=False,
    )

    traces = [rows_of(evaluation.directory / name) for name in ("trace.csv", "opponent.csv")]
    assert [{row["episode"] for row in rows} for rows in traces] == [{"0", "1"}] * 2
    recorded = read_evaluation(RunDirectory(runs[0]), evaluation.directory.name)
    assert check(recorded) == sum(map(len, traces))
    recorded.close()


def test_an_evaluation_alone_has_no_opponent_to_film(copy: RunDirectory) -> None:
    run_json("evaluate", copy.path, "--trials", 1, "--no-video", "--no-insight")
    number = max(int(path.name) for path in copy.evaluations_path.iterdir())

    with pytest.raises(SpecError, match="opponent"):
        read_evaluation(copy, str(number), opponent=True)


def test_the_service_races_two_models_and_keeps_the_race_when_one_is_deleted(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    for run in runs:
        with tarfile.open(tmp_path / f"{run.name}.tar", "w") as tar:
            for name in ("spec.json", "reward_function.py", "track", "checkpoints"):
                tar.add(run / name, f"{run.name}/{name}")
    with running_service(tmp_path / "data") as service, service.client() as client:
        first, second = (client.import_model(tmp_path / f"{run.name}.tar", name=run.name) for run in runs)
        options = {
            "trials": 1,
            "video": False,
            "insight": False,
            "race": {"opponent_lane": -1, "opponent_distance": 0.5},
        }

        race = first.evaluate(opponent=second, **options).evaluation
        second.delete()

        assert race is not None
        assert (race["opponent"]["name"], race["race"]["race_type"]) == ("told", "HEAD_TO_MODEL")
        kept = client.request("GET", f"/models/{first.id}/evaluations/{race['id']}")
        assert (kept["opponent"], kept["verdict"]) == (race["opponent"], race["verdict"])
        for car, laps in (("model", kept["laps"]), ("opponent", kept["opponent"]["laps"])):
            steps = first.trace("job", race["id"], car=car)
            assert len(steps) == sum(lap["steps"] for lap in laps) > 0
            [met] = first.objects("job", race["id"], car=car)[0]["objects"]
            assert met["kind"] == "car"
        assert {"evaluations/1/opponent.csv", "evaluations/1/opponent.json"} <= {one["name"] for one in first.assets()}
        with pytest.raises(ServiceError) as caught:
            first.queue_evaluation(opponent=second)
        assert caught.value.status == 404
        done = run_command("replay", tmp_path / "data" / "jobs" / race["id"], "--evaluation", 1, "--check")
        assert done.returncode == 0, done.stderr
