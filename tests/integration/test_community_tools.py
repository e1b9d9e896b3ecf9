"""The community's deepracer-utils reads what we write, unchanged, and comes to our own figures.

A real training and a real evaluation, read from a folder, an archive and a real S3 server.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from deepracer_local.cli._logs import app as logs_command
from deepracer_local.domain import EpisodeSummary
from deepracer_local.errors import ConflictError
from deepracer_local.runs import RunDirectory
from deepracer_local.simlog import Layout
from deepracer_local.track import load_track
from tests.integration.commands import run_json
from tests.s3_server import shared_server

FRAME_S = 1 / 15
ROUNDING = {"abs": 2e-4}


@pytest.fixture(scope="module", autouse=True)
def _plots_without_windows() -> Iterator[None]:
    before = matplotlib.get_backend()
    matplotlib.use("Agg")
    with warnings.catch_warnings():
        # It uses what newer versions of pandas and matplotlib are going to change.
        warnings.simplefilter("ignore")
        yield
    matplotlib.use(before)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A short training of four cars and an evaluation of three laps."""
    path = tmp_path_factory.mktemp("community") / "my run"
    run_json("train", "--seed", 3, "--max-steps", 1_024, "--cars", 4, "--out", path)
    run_json("evaluate", path, "--no-video", "--no-insight")
    return RunDirectory(path)


@pytest.fixture(scope="module", params=list(Layout))
def folder(request: pytest.FixtureRequest, trained: RunDirectory) -> Path:
    path = trained.path.with_name(f"logs {request.param.value}")
    written = write_logs(trained.path, "--layout", request.param.value, "--out", path)
    assert written["files"] == sum(1 for file in path.rglob("*") if file.is_file())
    return path


def write_logs(*arguments: object) -> dict[str, Any]:
    """Runs the command ``logs`` to its good end; returns what it says."""
    done = CliRunner().invoke(logs_command, [*map(str, arguments), "--json"])
    if done.exception is not None:
        raise done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def load(filehandler: Any, *, evaluation: bool = False) -> Any:
    """Returns what deepracer-utils makes of a place."""
    from deepracer.logs import DeepRacerLog

    log = DeepRacerLog(filehandler=filehandler)
    if evaluation:
        log.load_evaluation_trace()
    else:
        log.load_training_trace()
    return log


def assert_training_agrees(steps: pd.DataFrame, episodes: list[EpisodeSummary]) -> None:
    from deepracer.logs import AnalysisUtils

    table = AnalysisUtils.simulation_agg(steps, secondgroup="unique_episode")

    assert len(table) == len(episodes)
    for found, ours in zip(table.itertuples(), episodes, strict=True):
        assert found.iteration == ours.iteration
        assert found.steps == ours.steps + 1
        assert found.time == pytest.approx(ours.time_s, **ROUNDING)
        assert found.reward == pytest.approx(ours.reward, abs=1e-4 * (ours.steps + 1))
        assert found.progress >= ours.progress - 1e-4  # it takes the largest, ours is the one at the end
    last = steps.groupby("unique_episode")["progress"].last()
    assert last.to_list() == pytest.approx([ours.progress for ours in episodes], **ROUNDING)
    AnalysisUtils.analyze_training_progress(table)
    AnalysisUtils.scatter_aggregates(table)


def test_a_training_is_read_and_its_figures_are_ours(folder: Path, trained: RunDirectory) -> None:
    from deepracer.logs import FSFileHandler

    log = load(FSFileHandler(str(folder)))

    assert_training_agrees(log.dataframe(), trained.read_episodes())
    spec = trained.read_spec()
    assert log.hyperparameters()["lr"] == spec.hyperparameters.lr
    assert len(log.action_space()) == 5
    assert log.agent_and_network()["network"] == spec.model_metadata.neural_network
    assert log.stability.analyze()["avg_ms"].to_list() == pytest.approx([1000 * FRAME_S] * 2, abs=0.1)


def test_an_evaluation_is_read_and_its_laps_are_ours(folder: Path, trained: RunDirectory) -> None:
    from deepracer.logs import AnalysisUtils, FSFileHandler, PlottingUtils
    from deepracer.tracks import Track

    steps = load(FSFileHandler(str(folder)), evaluation=True).dataframe()

    table = AnalysisUtils.simulation_agg(steps, firstgroup="stream", is_eval=True)
    laps = trained.read_laps()["laps"]
    assert table["steps"].to_list() == [lap["steps"] for lap in laps]
    assert table["progress"].to_list() == pytest.approx([lap["progress"] for lap in laps], **ROUNDING)
    # Its lap times are those of whole frames, ours cross the line between two.
    assert table["time"].to_list() == pytest.approx([lap["time_s"] for lap in laps], abs=FRAME_S)
    [metrics_file] = folder.glob("metrics/evaluation/*.json")
    metrics = json.loads(metrics_file.read_text())["metrics"]
    assert [row["elapsed_time_in_milliseconds"] for row in metrics] == [round(1000 * lap["time_s"]) for lap in laps]
    [track_folder] = trained.tracks_path.iterdir()
    track = load_track(track_folder)
    PlottingUtils.plot_evaluations(steps, Track("ours", np.hstack([track.centre_m, track.inner_m, track.outer_m])))


def test_metrics_are_read_and_their_means_are_ours(folder: Path, trained: RunDirectory) -> None:
    from deepracer.logs.metrics import TrainingMetrics

    [path] = [*folder.glob("metrics/TrainingMetrics.json"), *folder.glob("metrics/training/*.json")]
    metrics = TrainingMetrics("unused", fname=str(path), region="us-east-1")

    summary = metrics.getSummary().reset_index()
    ours, evaluations = trained.read_rows("metrics.jsonl"), trained.read_rows("evaluations.jsonl")
    assert summary["iteration"].to_list() == [row["iteration"] - 1 for row in ours]
    assert summary["train_reward"].to_list() == pytest.approx([row["mean_reward"] for row in ours], abs=0.5)
    assert summary["train_completion"].to_list() == pytest.approx([row["mean_progress"] for row in ours], abs=1.0)
    assert summary["eval_episodes"].to_list() == [len(row["laps"]) for row in evaluations]
    metrics.plotProgress()


def test_archives_and_the_printed_lines_are_read(trained: RunDirectory, tmp_path: Path) -> None:
    from deepracer.logs import AnalysisUtils, DeepRacerLog, TarFileHandler

    # One each: with both in one archive, it looks for evaluations alone.
    for part in ("training", "evaluations"):
        write_logs(trained.path, "--only", part, "--out", tmp_path / f"{part}.tar.gz")

    with TarFileHandler(str(tmp_path / "evaluations.tar.gz")) as archive:
        steps = load(archive, evaluation=True).dataframe()
    with TarFileHandler(str(tmp_path / "training.tar.gz")) as archive:
        assert_training_agrees(load(archive).dataframe(), trained.read_episodes())
        printed = DeepRacerLog(filehandler=archive)
        printed.load()  # the SIM_TRACE_LOG lines
    table = AnalysisUtils.simulation_agg(printed.dataframe())
    assert len(steps) == sum(lap["steps"] for lap in trained.read_laps()["laps"])
    assert table["time"].to_list() == pytest.approx([e.time_s for e in trained.read_episodes()], **ROUNDING)
    assert table["iteration"].to_list() == [e.iteration for e in trained.read_episodes()]
    assert printed.agent_and_network()["world"] == trained.read_spec().track


@pytest.mark.parametrize("layout", Layout)
def test_a_bucket_is_read(
    trained: RunDirectory, layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from deepracer.logs import S3FileHandler
    from deepracer.logs.metrics import TrainingMetrics

    server = shared_server()
    prefix = f"models/{layout.value} {tmp_path.name}".replace(" ", "-")
    monkeypatch.setenv("DEEPRACER_LOCAL_S3_ENDPOINT_URL", server.endpoint_url)
    for ours, theirs in (("S3_ACCESS_KEY", "ACCESS_KEY_ID"), ("S3_SECRET_KEY", "SECRET_ACCESS_KEY")):
        secret = server.access_key if "ACCESS_KEY" in ours else server.secret_key
        monkeypatch.setenv(f"DEEPRACER_LOCAL_{ours}", secret)
        monkeypatch.setenv(f"AWS_{theirs}", secret)
    where = ("--layout", layout.value, "--out", f"s3://tests/{prefix}")

    written = write_logs(trained.path, *where)

    bucket = S3FileHandler("tests", prefix, s3_endpoint_url=server.endpoint_url, region="us-east-1")
    assert len(bucket.list_files()) == written["files"]
    assert_training_agrees(load(bucket).dataframe(), trained.read_episodes())
    assert len(load(bucket, evaluation=True).dataframe()) == sum(lap["steps"] for lap in trained.read_laps()["laps"])
    if layout is Layout.DRFC:
        metrics = TrainingMetrics("tests", prefix, s3_endpoint_url=server.endpoint_url, region="us-east-1")
        assert len(metrics.getTraining()) == len(trained.read_episodes())
        # Once more is fine; other bytes under the same names are refused unless asked for.
        write_logs(trained.path, *where)
        store = server.store(prefix=prefix)
        store.delete("reward_function.py")
        store.put("reward_function.py", b"another")
        with pytest.raises(ConflictError, match="--force"):
            write_logs(trained.path, *where)
        write_logs(trained.path, *where, "--force")
        with store.open("reward_function.py") as file:
            assert file.read() == trained.reward_path.read_bytes()
