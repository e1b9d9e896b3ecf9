"""The service from outside: real processes, a real training, and what happens when parts of it die."""

from __future__ import annotations

import os
import re
import signal
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from deepracer_local.client import Client, ModelHandle, ServiceError
from deepracer_local.runs import CheckpointInfo
from deepracer_local.training import load_policy
from tests.integration.commands import run
from tests.integration.service import Service, children, free_port, running_service, wait_for_job, wait_until

REWARD = Path(__file__).parents[2] / "reward_functions" / "center_line.py"
TRAINING = {"track": "oval", "cars": 4, "seed": 5}
FOREVER = 10_000_000
CANCEL_BOUND_S = 2.0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running_service(tmp_path / "data", "--slots", "1") as started:
        yield started


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with service.client() as connected:
        yield connected


def is_training(job: dict[str, Any]) -> bool:
    return job["progress"].get("iterations", 0) >= 1


def iterations_of(client: Client, model_id: str) -> list[int]:
    return [row["iteration"] for row in client.request("GET", f"/models/{model_id}/metrics")["rows"]]


def load_archive(archive: Path, folder: Path) -> CheckpointInfo:
    """Unpacks a downloaded model and lets its policy choose an action; returns what it is."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    [checkpoint] = folder.glob("*/checkpoints/*/model.json")
    policy, info = load_policy(checkpoint.parent)
    policy.act(np.zeros(info.observation_shape, np.uint8))
    return info


def test_a_training_does_not_notice_that_the_api_dies(service: Service, client: Client, tmp_path: Path) -> None:
    model = client.train(REWARD, name="My car", max_steps=4_000, **TRAINING)
    job_id = model.job["id"]
    wait_for_job(client, job_id, is_training, "the first policy update")

    os.kill(service.child("serve"), signal.SIGKILL)
    service.wait_for_line(r"serve ended with -9; starting it again")
    job = wait_for_job(client, job_id, lambda job: job["finished_at"] is not None, "the end of the training")

    assert (job["status"], job["attempt"]) == ("COMPLETED", 1), job["message"]
    assert job["result"]["total_steps"] >= 4_000
    iterations = iterations_of(client, model.id)
    assert iterations == list(range(1, len(iterations) + 1))
    model.evaluate(trials=2, video=False, timeout_s=120)
    assert model.evaluation is not None
    assert len(model.evaluation["laps"]) == 2
    check_traces(model)
    archive = model.download(tmp_path / "model.tar.gz")
    assert load_archive(archive, tmp_path / "unpacked").n_actions == 5
    evaluated = run("evaluate", tmp_path / "unpacked" / "My_car", "--trials", 1, "--no-video")
    assert evaluated.returncode == 0, evaluated.stderr
    assert service.stop() == 0


def check_traces(model: ModelHandle) -> None:
    """Looks whether the traces of a finished training and of an evaluation tell of every step, once."""
    assert [trace["number"] for trace in model.traces()] == [row["iteration"] - 1 for row in model.metrics()]
    assert sum(trace["steps"] for trace in model.traces()) == model.metrics()[-1]["total_steps"]
    assert model.traces("evaluation")
    episodes = model.episodes()
    through_iterations = max(episodes, key=lambda episode: episode["steps"])
    for episode in (episodes[0], through_iterations, episodes[-1]):
        rows = model.trace("episode", episode["number"])
        assert [row["steps"] for row in rows] == list(range(1, episode["steps"] + 2))  # 1 is the start
        assert {row["episode"] for row in rows} == {episode["episode"]}
        assert rows[-1]["episode_status"] == episode["outcome"]
        assert sum(row["reward"] for row in rows) == pytest.approx(episode["reward"], abs=1e-3)
    assert model.evaluation is not None
    laps, job = model.evaluation["laps"], model.evaluation["id"]
    assert [len(model.trace("job", job, lap=lap["trial"])) for lap in laps] == [lap["steps"] for lap in laps]
    assert len(model.trace("job", job)) == sum(lap["steps"] for lap in laps)


def test_a_training_goes_on_when_the_runner_dies(service: Service, client: Client) -> None:
    model = client.train(REWARD, max_steps=6_000, **TRAINING)
    job_id = model.job["id"]
    wait_until(lambda: model.refresh().info["last_checkpoint"], "a checkpoint")
    before = iterations_of(client, model.id)

    os.kill(service.child("runner"), signal.SIGKILL)
    service.wait_for_line(r"runner ended with -9; starting it again")
    job = wait_for_job(client, job_id, lambda job: job["finished_at"] is not None, "the end of the training")

    assert (job["status"], job["attempt"]) == ("COMPLETED", 2), job["message"]
    assert job["result"]["total_steps"] >= 6_000
    iterations = iterations_of(client, model.id)
    assert iterations == list(range(1, len(iterations) + 1))
    assert len(iterations) > len(before)
    story = [event["event"] for event in client.request("GET", f"/jobs/{job_id}")["events"]]
    assert story == ["SUBMIT", "CLAIM", "LOSE_LEASE", "CLAIM", "SUCCEED"]
    assert client.request("GET", f"/models/{model.id}/checkpoints")["checkpoints"]


def test_a_waiting_job_is_cancelled_at_once(client: Client) -> None:
    client.train(REWARD, max_steps=FOREVER, **TRAINING)
    waiting = client.train(REWARD, max_steps=FOREVER, **TRAINING)
    assert waiting.job["queue_position"] is not None

    waiting.stop()

    assert waiting.refresh().job["status"] == "CANCELED"
    started, ended = (datetime.fromisoformat(waiting.job[name]) for name in ("created_at", "finished_at"))
    assert (ended - started).total_seconds() < 2.0  # it was never started


def test_a_running_job_is_cancelled_soon_and_keeps_a_checkpoint(client: Client) -> None:
    # A neighbour on the machine may delay one of them; the bound is for what the service does by itself.
    times_s = [cancel_a_training(client) for _ in range(3)]

    assert min(times_s) < CANCEL_BOUND_S, times_s


def cancel_a_training(client: Client) -> float:
    """Returns how many seconds passed from the wish to cancel a running training to its end."""
    model = client.train(REWARD, max_steps=FOREVER, **TRAINING)
    wait_for_job(client, model.job["id"], is_training, "the first policy update")

    model.stop()
    job = wait_for_job(client, model.job["id"], lambda job: job["status"] == "CANCELED", "the cancellation")

    assert job["attempt"] == 1
    assert model.refresh().info["last_checkpoint"] is not None
    assert model.info["status"] == "READY"
    at = {event["event"]: datetime.fromisoformat(event["at"]) for event in job["events"]}
    model.delete()
    with pytest.raises(ServiceError) as missing:
        client.model(model.id)
    assert missing.value.status == 404
    return (at["CANCEL"] - at["WISH_CANCEL"]).total_seconds()


def test_stopping_the_service_keeps_its_jobs(tmp_path: Path) -> None:
    with running_service(tmp_path / "data", "--slots", "1") as first, first.client() as client:
        model = client.train(REWARD, max_steps=4_000, **TRAINING)
        wait_for_job(client, model.job["id"], is_training, "the first policy update")
        assert first.stop() == 0

    with running_service(tmp_path / "data", "--slots", "1") as second, second.client() as client:
        job = wait_for_job(client, model.job["id"], lambda job: job["finished_at"] is not None, "the end")

    assert (job["status"], job["attempt"]) == ("COMPLETED", 2)


def test_a_second_service_on_the_same_data_names_the_first(service: Service) -> None:
    holder = int((service.data_dir / "service.lock").read_text().split()[1])

    second = run("serve", "--port", free_port(), DEEPRACER_LOCAL_DATA_DIR=str(service.data_dir))

    assert second.returncode == 2
    assert re.search(rf"process {holder} \(since [0-9-]+ [0-9:]+ UTC, at {service.url}\)", second.stderr)
    assert str(service.data_dir) in second.stderr
    assert children(holder, "serve")


def test_the_service_listens_on_this_machine_alone(service: Service) -> None:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == service.port]

    assert listening == [f"0100007F:{service.port:04X}"]
    assert (service.data_dir / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7"])
def test_another_address_is_refused_with_the_way_to_do_it(tmp_path: Path, host: str) -> None:
    refused = run("serve", "--host", host, "--port", free_port(), DEEPRACER_LOCAL_DATA_DIR=str(tmp_path))

    assert refused.returncode == 2
    assert "ssh -L" in refused.stderr


def test_the_printed_link_opens_the_service_once(service: Service) -> None:
    link = service.wait_for_line("open once").split(": ", 1)[1].strip()

    with httpx.Client(trust_env=False) as browser:
        assert browser.get(link).status_code == 303
        assert browser.get(f"{service.url}/docs").status_code == 200
        again = httpx.get(link, trust_env=False)

    assert again.status_code == 401
    assert service.token not in service.output
