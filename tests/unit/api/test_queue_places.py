"""What a waiting job is told: its place, what it waits for, when it is expected to start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from deepracer_local.api import Services
from deepracer_local.db import SLOTS_SETTING
from deepracer_local.domain import Fault
from tests.unit.api.service import Caller, create_model


def job_of(client: Caller, model: dict[str, Any]) -> dict[str, Any]:
    job: dict[str, Any] = client.get(f"/api/v1/models/{model['id']}").json()["jobs"][0]
    return job


def start_of(job: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(job["expected_start_at"])


def test_those_that_wait_start_when_the_limits_of_those_before_them_are_reached(
    client: Caller, services: Services
) -> None:
    services.database.settings.set(SLOTS_SETTING, 1)
    running, second, third = (create_model(client, name=name, max_minutes=2) for name in ("a", "b", "c"))
    claimed = services.database.jobs.claim("worker", 60.0)
    assert claimed is not None
    services.database.jobs.heartbeat(claimed.id, claimed.attempt, 60.0, {"training_seconds": 30.0, "total_steps": 9})

    first, then = job_of(client, second), job_of(client, third)

    assert job_of(client, running)["expected_start_at"] is None
    claimed_at = services.database.jobs.get("local", claimed.id).started_at
    assert claimed_at is not None
    assert timedelta(seconds=85) < start_of(first) - claimed_at < timedelta(seconds=150)
    assert start_of(then) > start_of(first)
    assert (first["queue_position"], first["waiting_for"]) == (1, "a free slot")
    assert (then["queue_position"], then["waiting_for"]) == (2, "1 job before it")


def test_the_queue_and_the_job_say_the_same(client: Caller) -> None:
    create_model(client, name="a")
    job = job_of(client, create_model(client, name="b"))

    [_, queued] = client.get("/api/v1/jobs/queue").json()["jobs"]

    assert abs(start_of(queued) - start_of(job)) <= timedelta(seconds=5)
    assert queued["queue_position"] == job["queue_position"] == 2


def test_a_job_that_waits_to_be_tried_again_does_not_start_before_that(client: Caller, services: Services) -> None:
    job = job_of(client, create_model(client))
    for _ in range(4):
        claimed = services.database.jobs.claim("worker", 60.0)
        if claimed is None:
            break
        services.database.jobs.fail(claimed.id, claimed.attempt, Fault.INFRASTRUCTURE, "the disk was gone", None)

    waiting = client.get(f"/api/v1/jobs/{job['id']}").json()

    not_before = services.database.jobs.get("local", job["id"]).not_before
    assert not_before is not None
    assert start_of(waiting) >= not_before
    assert "another attempt" in waiting["waiting_for"]
