"""Cleaning up on a real folder and a real S3 server: what goes, and what stays whatever happens."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deepracer_local.api import Services
from deepracer_local.api._clean_up import CleanedUp, clean_service
from deepracer_local.artifacts import ArtifactStore, FolderStore
from deepracer_local.db import Job, NewModel
from deepracer_local.domain import JobKind
from tests.integration.commands import run, run_json
from tests.integration.service import running_service
from tests.s3_server import fresh_store
from tests.unit.api.service import OWNER, make_services

TOMORROW = timedelta(days=1)
OLD_S = 48 * 3600.0


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    return FolderStore(tmp_path / "artifacts") if request.param == "folder" else fresh_store()


@pytest.fixture
def services(tmp_path: Path, store: ArtifactStore) -> Iterator[Services]:
    made = make_services(tmp_path)
    yield replace(made, store=store)
    made.database.close()


def submit(services: Services, name: str) -> Job:
    """Queues a training whose input is in the store."""
    key = f"inputs/{name}/reward_function.py"
    services.store.put(key, name.encode())
    spec = {"files": [{"path": "reward_function.py", "key": key}]}
    model = NewModel(name=name, spec={"job": spec}, reward_key=key)
    return services.database.jobs.add_with_model(OWNER, model, JobKind.TRAIN, spec)[1]


def start(services: Services, name: str) -> Job:
    """Lets a worker claim it, store a checkpoint with its manifest, and begin to store another."""
    submit(services, name)
    job = services.database.jobs.claim("worker", 600.0)
    assert job is not None
    folder = f"jobs/{job.id}/1/000000512-0123456789ab"
    stored = services.store.put(f"{folder}/policy.safetensors", b"weights")
    services.store.put(f"{folder}/manifest.json", b"{}")
    services.database.artifacts.record(
        job.id, 1, name="c", key=stored.key, size=stored.size, sha256=stored.sha256, kind="checkpoint"
    )
    services.store.put(f"jobs/{job.id}/1/000001024-0123456789ab/policy.safetensors", b"more weights")
    return job


def clean(services: Services, *, dry_run: bool = False) -> CleanedUp:
    """Cleans up as if everything that is there now were old."""
    return clean_service(services, before=datetime.now(UTC) + TOMORROW, dry_run=dry_run)


def keys_of(services: Services) -> set[str]:
    return {artifact.key for artifact in services.store.list()}


def test_nothing_goes_that_something_needs_or_a_running_job_is_storing(services: Services) -> None:
    start(services, "runs")
    submit(services, "waits")
    services.store.put("holiday/picture.jpeg", b"somebody else's")
    before = keys_of(services)

    cleaned = clean(services)

    assert (cleaned.artifacts, cleaned.freed_bytes) == (0, 0)
    assert keys_of(services) == before
    assert len(before) == 6


def test_what_nothing_points_to_goes_and_is_counted(services: Services) -> None:
    done = start(services, "done")
    services.database.jobs.succeed(done.id, 1, {})
    gone = submit(services, "gone")
    services.database.jobs.request_cancel(OWNER, gone.id)
    services.database.models.delete(OWNER, gone.model_id)
    before = keys_of(services)

    said = clean(services, dry_run=True)
    assert keys_of(services) == before
    cleaned = clean(services)

    unnamed = f"jobs/{done.id}/1/000001024-0123456789ab/policy.safetensors"
    assert cleaned.keys == said.keys == ["inputs/gone/reward_function.py", unnamed]
    assert cleaned.artifact_bytes == said.artifact_bytes == len(b"gone") + len(b"more weights")
    assert keys_of(services) == before - set(cleaned.keys)
    assert clean(services).artifacts == 0


def test_what_is_young_stays(services: Services) -> None:
    services.store.put("inputs/submission/reward_function.py", b"about to be pointed to")

    assert clean_service(services, before=datetime.now(UTC) - timedelta(hours=1), dry_run=False).artifacts == 0
    assert len(keys_of(services)) == 1


def test_run_directories_stay_while_their_jobs_are_not_over(services: Services) -> None:
    over, runs = start(services, "over"), start(services, "runs")
    services.database.jobs.succeed(over.id, 1, {})
    for name in (over.id, runs.id, "deleted"):
        (services.data_dir / "jobs" / name / "checkpoints").mkdir(parents=True)
        (services.data_dir / "jobs" / name / "checkpoints" / "state").write_bytes(b"12345")

    cleaned = clean(services)

    assert (cleaned.run_directories, cleaned.run_directory_bytes) == (2, 10)
    assert [path.name for path in (services.data_dir / "jobs").iterdir()] == [runs.id]


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running_service(data_dir, "--api-only") as service:
        for name, age_s in (("old", OLD_S), ("young", 0.0)):
            file = data_dir / "artifacts" / "inputs" / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"x" * 1_500_000)
            os.utime(file, (time.time() - age_s,) * 2)
        settings = {"DEEPRACER_LOCAL_DATA_DIR": str(data_dir), "DEEPRACER_LOCAL_PORT": str(service.port)}

        said = run("artifacts", "clean-up", "--dry-run", **settings)
        kept = run("artifacts", "clean-up", "--older-than", 72, **settings)
        done = run_json("artifacts", "clean-up", **settings)
        wrong = run("artifacts", "clean-up", "--older-than", 0, **settings)

    assert said.stdout == "inputs/old\nwould remove 1 artifacts, 0 run directories and 0 refused uploads: 1.5 MB\n"
    assert "removed 0 artifacts" in kept.stdout
    assert (done["keys"], done["freed_bytes"]) == (["inputs/old"], 1_500_000)
    assert wrong.returncode == 2
    assert [path.name for path in (data_dir / "artifacts" / "inputs").iterdir()] == ["young"]
