"""The service from outside while things fail: a full disk, a store that is away, a locked database, a hang."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deepracer_local.artifacts import WeedServer
from deepracer_local.client import Client, ServiceError
from tests.acceptance.test_service import FOREVER, REWARD, TRAINING, is_training, iterations_of, load_archive
from tests.integration.commands import run
from tests.integration.service import Service, children, free_port, running_service, wait_for_job, wait_until
from tests.s3_server import kill

BALLAST_BYTES = 1_000_000_000
RED_WITHIN_S = 30.0
LOCKED_S = 3.0


def is_over(job: dict[str, Any]) -> bool:
    return job["finished_at"] is not None


def red_parts(service: Service) -> dict[str, str]:
    """Returns what /readyz says of each part that is not healthy."""
    headers = {"Authorization": f"Bearer {service.token}"}
    answer = httpx.get(f"{service.url}/readyz", headers=headers, trust_env=False, timeout=RED_WITHIN_S)
    parts = {part["name"]: part["message"] for part in answer.json()["parts"] if not part["is_healthy"]}
    assert answer.status_code == (503 if parts else 200)
    return parts


def story_of(client: Client, job_id: str) -> list[str]:
    return [event["event"] for event in client.request("GET", f"/jobs/{job_id}")["events"]]


@contextmanager
def ballast(folder: Path) -> Iterator[None]:
    """A large file that really takes its room, until the end of the block."""
    path = folder / "ballast"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
    try:
        yield
    finally:
        path.unlink()


def test_a_full_disk_takes_nothing_in_and_loses_nothing(tmp_path: Path) -> None:
    # With the ballast there is less room than is to be kept, without it more: half of it is left for neighbours.
    limit_mb = (shutil.disk_usage(tmp_path).free - BALLAST_BYTES // 2) // 1_000_000
    settings = {"DEEPRACER_LOCAL_MIN_FREE_MB": str(limit_mb)}
    with running_service(tmp_path / "data", "--slots", "1", **settings) as service, service.client() as client:
        running = client.train(REWARD, max_steps=FOREVER, **TRAINING)
        wait_for_job(client, running.job["id"], is_training, "the first policy update")
        waiting = client.train(REWARD, max_steps=512, **TRAINING)

        with ballast(tmp_path):
            wait_until(lambda: "disk" in red_parts(service), "the disk to be red")
            with pytest.raises(ServiceError) as refused:
                client.train(REWARD, max_steps=512, **TRAINING)
            running.stop()
            stopped = wait_for_job(client, running.job["id"], is_over, "the cancellation")
            service.wait_for_line("runner.disk_full")
            waited = waiting.refresh().job
        ended = wait_for_job(client, waiting.job["id"], is_over, "the end of the training that waited")

        assert (refused.value.status, refused.value.code) == (507, "DISK_FULL")
        assert refused.value.request_id
        assert f"{limit_mb:,} MB" in str(refused.value)
        assert (stopped["status"], running.refresh().info["last_checkpoint"] is not None) == ("CANCELED", True)
        assert (waited["status"], waited["attempt"]) == ("QUEUED", 0)
        assert (ended["status"], ended["attempt"]) == ("COMPLETED", 1)
        assert len(client.request("GET", "/jobs")["jobs"]) == 2
        assert red_parts(service) == {}


def test_trainings_outlive_an_s3_server_that_is_away(tmp_path: Path) -> None:
    server = WeedServer(tmp_path / "s3")
    server.start()
    settings = {
        "DEEPRACER_LOCAL_ARTIFACTS_URL": f"s3://{server.bucket}",
        "DEEPRACER_LOCAL_S3_ENDPOINT_URL": server.endpoint_url,
        "DEEPRACER_LOCAL_S3_ACCESS_KEY": server.access_key,
        "DEEPRACER_LOCAL_S3_SECRET_KEY": server.secret_key,
        "DEEPRACER_LOCAL_S3_ADDRESSING_STYLE": "path",
    }
    spool = tmp_path / "data" / "spool"

    def is_drained() -> bool:
        return not [path for path in spool.iterdir() if path.name[0].isdigit()]

    try:
        with running_service(tmp_path / "data", "--slots", "1", **settings) as service, service.client() as client:
            model = client.train(REWARD, max_steps=6_000, **TRAINING)
            waiting = client.train(REWARD, max_steps=512, **TRAINING)
            wait_for_job(client, model.job["id"], is_training, "the first policy update")
            url = server.endpoint_url
            kill(server)
            wait_until(lambda: red_parts(service), "a red line", timeout_s=RED_WITHIN_S)
            red = red_parts(service)
            trained = wait_for_job(client, model.job["id"], is_over, "the end of the training")
            service.wait_for_line("job.given_back")
            is_drained_meanwhile = is_drained()

            server.start()
            assert server.endpoint_url == url, "somebody took the server's port meanwhile"
            wait_until(lambda: not red_parts(service), "no red line")
            wait_until(is_drained, "the spool to be drained")
            waited = wait_for_job(client, waiting.job["id"], is_over, "the end of the training that waited")
            archive = model.download(tmp_path / "model.tar.gz")

            assert list(red) == ["artifact store"]
            assert server.bucket in red["artifact store"]
            assert (trained["status"], trained["attempt"]) == ("COMPLETED", 1)
            assert not is_drained_meanwhile
            assert iterations_of(client, model.id) == list(range(1, 13))
            assert load_archive(archive, tmp_path / "unpacked").n_actions == 5
            assert waited["status"] == "COMPLETED"
            assert "RETRY" not in story_of(client, waiting.job["id"]), "an outage is not the job's fault"
    finally:
        server.stop()


@pytest.mark.parametrize("role", ["service", "api", "runner"])
def test_a_second_one_on_the_same_data_names_the_first(tmp_path: Path, role: str) -> None:
    data_dir = tmp_path / "data"
    commands = {
        "service": ["serve", "--port", free_port()],
        "api": ["serve", "--api-only", "--port", free_port()],
        "runner": ["runner"],
    }
    with running_service(data_dir, "--slots", "1") as service:
        holder = (data_dir / f"{role}.lock").read_text()

        second = run(*commands[role], DEEPRACER_LOCAL_DATA_DIR=str(data_dir))

        assert second.returncode == 2
        assert f"{holder} works there as {role}" in second.stderr
        assert holder.startswith("process ")
        assert "since" in holder
        assert (service.url in holder) == (role != "runner")
        with service.client() as client:
            assert client.models() == []


def test_nobody_notices_a_database_that_is_locked_for_a_while(tmp_path: Path) -> None:
    with running_service(tmp_path / "data", "--slots", "1") as service, service.client() as client:
        running = client.train(REWARD, max_steps=FOREVER, **TRAINING)
        wait_for_job(client, running.job["id"], is_training, "the first policy update")
        is_locked = threading.Event()

        def lock() -> None:
            with closing(sqlite3.connect(tmp_path / "data" / "service.db", isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                is_locked.set()
                threading.Event().wait(LOCKED_S)
                other.execute("ROLLBACK")

        thread = threading.Thread(target=lock)
        thread.start()
        assert is_locked.wait(10)
        waiting = [client.train(REWARD, name=f"m {i}", max_steps=512, **TRAINING) for i in range(3)]
        waiting[0].stop()
        listed = client.models()
        thread.join()

        assert len(listed) == 4
        assert red_parts(service) == {}
        assert waiting[0].refresh().job["status"] == "CANCELED"
        job = running.refresh().job
        assert (job["status"], job["attempt"]) == ("IN_PROGRESS", 1)
        running.stop()
        for model in waiting[1:]:
            ended = wait_for_job(client, model.job["id"], is_over, "the end of a training")
            assert (ended["status"], ended["attempt"]) == ("COMPLETED", 1)


def test_a_training_that_hears_nothing_is_cancelled_all_the_same(tmp_path: Path) -> None:
    with running_service(tmp_path / "data", "--slots", "1") as service, service.client() as client:
        model = client.train(REWARD, max_steps=FOREVER, **TRAINING)
        job_id = model.job["id"]
        wait_for_job(client, job_id, lambda job: job["progress"].get("best_progress") is not None, "a checkpoint")
        [trainer] = children(service.child("runner"), "deepracer_local.workers")
        os.kill(trainer, signal.SIGSTOP)

        model.stop()
        wait_for_job(client, job_id, lambda job: job["status"] == "CANCELED", "the cancellation")

        # Within its bound; as a process that hangs it would have been killed later, and been tried again.
        assert story_of(client, job_id) == ["SUBMIT", "CLAIM", "WISH_CANCEL", "CANCEL"]
        assert model.refresh().info["last_checkpoint"] is not None
        assert model.info["status"] == "READY"
