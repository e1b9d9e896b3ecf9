"""One training on several tracks, as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.workers.replay import check, read_episode
from tests.integration.commands import run, run_json

WISH = ("--track", "oval", "--track", "chicane=3", "--track", "oval,reverse", "--sensor", "STATE", "--cars", 8)
LABELS = {"oval", "chicane", "oval reversed"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of a few updates."""
    path = tmp_path_factory.mktemp("tracks") / "run"
    run_json("train", *WISH, "--max-steps", 600, "--out", path)
    return path


def test_each_row_says_the_track_and_every_track_is_evaluated(trained: Path) -> None:
    spec = RunDirectory(trained).read_spec()
    episodes = RunDirectory(trained).read_episodes()
    evaluations = RunDirectory(trained).read_rows("evaluations.jsonl")
    metrics = RunDirectory(trained).read_rows("metrics.jsonl")

    assert spec.cars_per_road == (2, 4, 2)
    assert {episode.track for episode in episodes} == LABELS
    assert {episode.is_reversed for episode in episodes if episode.track == "oval reversed"} == {True}
    assert {episode.is_reversed for episode in episodes if episode.track == "oval"} == {False}
    for row in evaluations:
        assert [each["track"] for each in row["tracks"]] == [road.label for road in spec.roads]
        assert [trial for each in row["tracks"] for trial in each["trials"]] == [lap["trial"] for lap in row["laps"]]
        assert row["mean_progress"] == pytest.approx(sum(each["mean_progress"] for each in row["tracks"]) / 3)
    counted = {name: sum(row["tracks"].get(name, {"episodes": 0})["episodes"] for row in metrics) for name in LABELS}
    assert counted == {name: sum(episode.track == name for episode in episodes) for name in LABELS}
    assert (trained / "learning.png").stat().st_size > 20_000


@pytest.mark.parametrize("label", sorted(LABELS))
def test_an_episode_is_driven_again_on_its_own_track(trained: Path, label: str) -> None:
    directory = RunDirectory(trained)
    episode = next(row["episode"] for row in directory.read_rows("episodes.jsonl") if row["track"] == label)

    recorded = read_episode(directory, episode)

    assert check(recorded) == len(recorded.drives[0].lines)
    recorded.close()


def test_a_training_on_several_tracks_resumes_with_the_same_weights_and_is_cloned(
    trained: Path, tmp_path: Path
) -> None:
    halves, clone = tmp_path / "halves", tmp_path / "clone"

    run_json("train", *WISH, "--max-steps", 300, "--out", halves)
    run_json("train", "--resume", "--max-steps", 600, "--out", halves)
    run_json("train", "--clone", trained, "--checkpoint", "last", "--cars", 8, "--max-steps", 1, "--out", clone)

    weights = [Checkpoints(path / "checkpoints").find("last") / "policy.safetensors" for path in (trained, halves)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert RunDirectory(clone).read_spec().roads == RunDirectory(trained).read_spec().roads


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--track", "oval=x"), "weight above 0"),
        (("--track", "oval", "--track", "oval=2"), "once in each direction"),
        (("--track", "oval", "--track", "chicaen"), "chicane"),
    ],
    ids=["weight", "twice", "misspelt"],
)
def test_bad_tracks_are_refused_before_anything_starts(tmp_path: Path, options: tuple[str, ...], word: str) -> None:
    process = run("train", *options, "--out", tmp_path / "run")

    assert process.returncode == 2
    assert word in process.stderr
    assert not (tmp_path / "run").exists()
