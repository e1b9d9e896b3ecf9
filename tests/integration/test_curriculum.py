"""A curriculum of two stages with real cars, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.workers.replay import check, read_episode, read_evaluation
from tests.integration.commands import run, run_json

CURRICULUM = """
stages:
  - name: slow
    tracks: [oval, {track: oval, reverse: true}]
    max_speed_mps: 0.7
    race: {race_type: OBJECT_AVOIDANCE, number_of_obstacles: 2, randomize_obstacle_locations: true}
    advance: {completion: 99, max_steps: 400}
  - name: far
    tracks: [chicane]
    randomisation: {steering_bias_deg: [-2, 2]}
look_back_every: 1
"""


def wish(folder: Path) -> tuple[object, ...]:
    """Returns the options of the training below."""
    file = folder / "curriculum.yaml"
    file.write_text(CURRICULUM, encoding="utf-8")
    return ("--curriculum", file, "--sensor", "STATE", "--cars", 4)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of one update in the first stage and two in the second."""
    folder = tmp_path_factory.mktemp("curriculum")
    result = run_json("train", *wish(folder), "--max-steps", 1500, "--out", folder / "run")
    assert result["stage"] == 2
    return folder / "run"


def test_each_stage_has_its_own_world(trained: Path) -> None:
    directory = RunDirectory(trained)
    spec = directory.read_spec()
    metrics, evaluations = directory.read_rows("metrics.jsonl"), directory.read_rows("evaluations.jsonl")

    assert (spec.track, spec.track_names) == ("chicane", ("chicane", "oval"))
    assert [row["stage"] for row in metrics] == [row["stage"] for row in evaluations] == [1, 2, 2]
    driven = {(episode.stage, episode.track) for episode in directory.read_episodes()}
    assert driven == {(1, "oval"), (1, "oval reversed"), (2, "chicane")}
    speeds = [
        {float(line.split(",")[6]) for line in path.read_text(encoding="utf-8").splitlines()[1:]}
        for path in directory.trace_files("training")
    ]
    assert speeds == [{0.0, 0.7}, {0.0, 1.0}, {0.0, 1.0}]
    assert [path.name for path in sorted((trained / "trace" / "training").glob("*.objects.jsonl"))] == [
        "0.objects.jsonl"
    ]
    assert evaluations[1]["earlier"][0]["when_left"] == evaluations[0]["mean_progress"]
    assert "stage 1 (slow) is over: 512 steps; stage 2 (far) begins" in (trained / "trainer.log").read_text()
    assert json.loads((Checkpoints(trained / "checkpoints").find("best") / "model.json").read_text())["stage"] == 2
    assert (trained / "learning.png").stat().st_size > 20_000


def test_episodes_and_evaluations_of_every_stage_are_driven_again_bit_for_bit(trained: Path) -> None:
    directory = RunDirectory(trained)
    rows = directory.read_rows("episodes.jsonl")
    chosen = {(row["stage"], row["track"]): row["episode"] for row in rows}

    recorded = [read_episode(directory, episode) for episode in chosen.values()]
    recorded += [read_evaluation(directory, f"trace/evaluation/{number}.csv") for number in (1, 2)]

    assert len(chosen) == 3
    for one in recorded:
        assert check(one) == sum(len(drive.lines) for drive in one.drives)
        one.close()
    tracks = [{env.track.name for env in one.envs.values()} for one in recorded[-2:]]
    assert tracks == [{"oval"}, {"chicane"}]
    assert len(set(map(id, recorded[-2].envs.values()))) == 2  # one for each direction


def test_it_resumes_in_every_stage_with_the_same_weights_and_traces(trained: Path, tmp_path: Path) -> None:
    halves = tmp_path / "halves"

    run_json("train", *wish(tmp_path), "--max-steps", 300, "--out", halves)  # ends as the second stage begins
    run_json("train", "--resume", "--max-steps", 520, "--out", halves)
    run_json("train", "--resume", "--max-steps", 1500, "--out", halves)

    weights = [Checkpoints(path / "checkpoints").find("last") / "policy.safetensors" for path in (trained, halves)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    for name in ("1.actions.jsonl", "2.actions.jsonl"):
        actions = [(path / "trace" / "training" / name).read_bytes() for path in (trained, halves)]
        assert actions[0] == actions[1]


def test_a_curriculum_that_cannot_be_is_refused_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "curriculum.json"
    file.write_text('{"stages": [{"advance": {"clean_laps": 1}}, {"tracks": ["chicaen"]}]}', encoding="utf-8")

    process = run("train", "--curriculum", file, "--out", tmp_path / "run")

    assert process.returncode == 2
    assert "stage 2" in process.stderr
    assert "Did you mean 'chicane'" in " ".join(process.stderr.split())
    assert not (tmp_path / "run").exists()
