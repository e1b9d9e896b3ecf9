"""The route about what a network made of each picture of a lap."""

from __future__ import annotations

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import JobSpec, LapInsight
from tests.unit.api.insights import insight_of
from tests.unit.api.service import NOWHERE, Caller, assert_error, create_model, finish_training
from tests.unit.api.traces import claim, finish_evaluation, store


@pytest.fixture
def evaluation(client: Caller, services: Services) -> str:
    """An evaluation of two laps, of which only the first was looked into."""
    model = create_model(client)
    finish_training(services)
    answer = client.post(f"/api/v1/models/{model['id']}/evaluations", json={"trials": 2})
    finish_evaluation(services)
    return f"/api/v1/models/{model['id']}/evaluations/{answer.json()['id']}"


def test_a_lap_comes_as_it_was_written(client: Caller, evaluation: str) -> None:
    first, asked = client.get(f"{evaluation}/insight"), client.get(f"{evaluation}/insight?lap=1")

    assert asked.status_code == 200
    assert asked.content == first.content
    assert LapInsight.model_validate_json(asked.content) == insight_of(1)


@pytest.mark.parametrize(
    ("query", "status", "field"), [("lap=2", 404, None), ("lap=0", 422, "lap"), ("lap=x", 422, "lap")]
)
def test_what_was_not_written_down_is_said_so(
    client: Caller, evaluation: str, query: str, status: int, field: str | None
) -> None:
    assert_error(client.get(f"{evaluation}/insight?{query}"), status, field=field)


def test_another_models_evaluation_has_none(client: Caller, evaluation: str) -> None:
    other = create_model(client)

    assert_error(client.get(f"/api/v1/models/{other['id']}/evaluations/{evaluation.rsplit('/', 1)[1]}/insight"), 404)
    assert_error(client.get(f"/api/v1/models/{other['id']}/evaluations/{NOWHERE}/insight"), 404)


@pytest.mark.parametrize("content", ["", "{}", insight_of(1).model_dump_json()[:-9]], ids=["empty", "bare", "cut"])
def test_a_damaged_file_is_said_so(client: Caller, services: Services, content: str) -> None:
    model = create_model(client)
    finish_training(services)
    answer = client.post(f"/api/v1/models/{model['id']}/evaluations", json={})
    job = claim(services)
    store(services, job, "evaluations/1/insight-1.json", content, kind="evaluation")

    answer = client.get(f"/api/v1/models/{model['id']}/evaluations/{answer.json()['id']}/insight")

    assert "Evaluate the model again" in assert_error(answer, 409)["message"]


@pytest.mark.parametrize(("wish", "expected"), [({}, True), ({"insight": False}, False)], ids=["unasked", "declined"])
def test_evaluations_look_into_the_network_unless_told_otherwise(
    client: Caller, services: Services, wish: dict[str, bool], expected: bool
) -> None:
    model = create_model(client)
    finish_training(services)
    client.post(f"/api/v1/models/{model['id']}/evaluations", json=wish)

    spec = JobSpec.model_validate(claim(services).spec)

    assert spec.evaluate is not None
    assert spec.evaluate.insight is expected
