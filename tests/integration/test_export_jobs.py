"""Files for the physical car from real trainings: the last act of one, a job of its own, and a command."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from deepracer_local.api._submission import submit_export
from deepracer_local.api._training_request import CreateExport
from deepracer_local.domain import ExportFormat, ExportReport, JobState, StopRules
from deepracer_local.export._car import unpack_archive
from deepracer_local.export._graph_def_reader import read_graph_def
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.training import load_policy, outputs_of
from tests.integration import jobs
from tests.integration.commands import run_json
from tests.integration.jobs import Workshop
from tests.unit.api.service import make_services
from tests.unit.export.networks import driven_pictures


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    monkeypatch.setattr(jobs, "PATIENCE_S", 240.0)  # two jobs, of which each loads the learner
    made = Workshop(tmp_path)
    yield made
    made.database.close()


@pytest.mark.timeout(600)
def test_a_training_leaves_the_archive_and_a_job_makes_the_other_files(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    services = make_services(tmp_path / "services")
    object.__setattr__(services, "database", workshop.database)
    object.__setattr__(services, "store", workshop.store)
    training = workshop.submit(stop=StopRules(max_steps=512))

    with workshop.runner():
        trained = workshop.wait(training.id, lambda job: job.state.is_final)
        made_by_training = {one.name for one in workshop.database.artifacts.list(training.model_id, "export")}
        wish = CreateExport(checkpoint="last", formats=list(ExportFormat))
        job = submit_export("local", services, training.model_id, wish, None)
        done = workshop.wait(job.id, lambda job: job.state.is_final)

    model = workshop.database.models.get("local", training.model_id)
    assert trained.state is JobState.SUCCEEDED, trained.message
    assert made_by_training == {f"exports/{model.best_checkpoint}/model.tar.gz{end}" for end in ("", ".export.json")}
    assert done.state is JobState.SUCCEEDED, done.message
    assert done.result is not None
    reports = [ExportReport.model_validate(report) for report in done.result["exports"]]
    assert {(report.format, report.checkpoint) for report in reports} == {
        (form, model.last_checkpoint) for form in ExportFormat
    }
    stored = {one.name: one for one in workshop.database.artifacts.list(training.model_id, "export")}
    for report in reports:
        assert report.agreement == 1.0
        assert report.frames >= 200
        assert stored[f"exports/{report.checkpoint}/{report.file}"].sha256 == report.sha256


def test_the_command_writes_what_the_network_thinks(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run_json("train", "--track", "oval", "--max-steps", 512, "--cars", 4, "--network", "shallow", "--out", run)

    told = run_json("export", run, "--out", tmp_path / "car.tar.gz")

    made_by_training = next((run / "exports").glob("*/model.tar.gz"))
    archive = (tmp_path / "car.tar.gz").read_bytes()
    assert archive == made_by_training.read_bytes()
    assert (told["agreement"], told["format"]) == (1.0, "car")
    assert json.loads((tmp_path / "car.tar.gz.export.json").read_text())["sha256"] == told["sha256"]
    graph, metadata = unpack_archive(archive)
    assert metadata["neural_network"] == "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    policy, _ = load_policy(Checkpoints(RunDirectory(run).checkpoints_path).find("best"))
    pictures = driven_pictures(20)
    [name] = told["inputs"]
    assert np.abs(read_graph_def(graph).run({name: pictures}) - outputs_of(policy, pictures)).max() < 1e-5
    with tarfile.open(tmp_path / "car.tar.gz") as tar:
        assert {entry.mtime for entry in tar.getmembers()} == {0}
