"""What jobs print, read through the API."""

from __future__ import annotations

from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import JobKind
from tests.unit.api.service import Caller, assert_error, create_model, finish_training


def started(services: Services, client: Caller, *lines: str) -> dict[str, Any]:
    """Creates a model whose training runs and has printed ``lines``."""
    model = create_model(client)
    job = services.database.jobs.claim("worker", 60.0, [JobKind.TRAIN])
    assert job is not None
    services.database.logs.append(job.id, 1, lines)
    return model


def test_a_running_jobs_lines_are_read_in_pages(services: Services, client: Caller) -> None:
    model = started(services, client, "a", "b\x1b[1m", "c")
    job_id = model["jobs"][0]["id"]

    first = client.get(f"/api/v1/jobs/{job_id}/logs?limit=2").json()
    second = client.get(f"/api/v1/jobs/{job_id}/logs", params={"after": first["lines"][-1]["number"]}).json()

    assert first["job_id"] == job_id
    assert [(line["number"], line["attempt"], line["text"]) for line in first["lines"] + second["lines"]] == [
        (1, 1, "a"),
        (2, 1, "b\x1b[1m"),
        (3, 1, "c"),
    ]
    assert set(first["lines"][0]) == {"number", "attempt", "at", "text"}


def test_a_models_lines_are_those_of_its_training(services: Services, client: Caller) -> None:
    model = create_model(client)
    finish_training(services)
    evaluation = client.post(f"/api/v1/models/{model['id']}/evaluations", json={}).json()
    job = services.database.jobs.claim("worker", 60.0)
    assert job is not None
    services.database.logs.append(job.id, 1, ["driving"])

    of_model = client.get(f"/api/v1/models/{model['id']}/logs").json()
    of_evaluation = client.get(f"/api/v1/jobs/{evaluation['id']}/logs").json()

    assert of_model == {"job_id": model["jobs"][0]["id"], "lines": []}
    assert [line["text"] for line in of_evaluation["lines"]] == ["driving"]


def test_lines_are_searched(services: Services, client: Caller) -> None:
    model = started(services, client, "Speed 1", "turn", "speed 2")

    found = client.get(f"/api/v1/models/{model['id']}/logs", params={"search": "SPEED"}).json()

    assert [line["number"] for line in found["lines"]] == [1, 3]


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=5001", "search=%00", "search=" + "x" * 201])
def test_a_bad_question_names_its_field(services: Services, client: Caller, query: str) -> None:
    model = started(services, client)

    answer = client.get(f"/api/v1/models/{model['id']}/logs?{query}")

    assert_error(answer, 422, code="INVALID", field=query.partition("=")[0])
