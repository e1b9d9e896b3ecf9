"""Requests made up from the API's own description: whatever comes, no answer is a crash or breaks its description."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from deepracer_local.api import create_guarded_app
from tests.integration.service import api_in_thread
from tests.unit.api.service import Caller, add_token, create_model, finish_training, make_services

POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
EXAMPLES = 30
STREAMS = r"/events$"
"""Streams do not end by themselves; they have tests of their own."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


@dataclass(frozen=True)
class Target:
    """A served API with a trained and evaluated model in it."""

    url: str
    headers: dict[str, str]
    ids: dict[str, str]
    schema: schemathesis.BaseSchema


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    services = make_services(tmp_path_factory.mktemp("fuzzed"))
    token = add_token(services.database)
    with asyncio.Runner() as runner:
        caller = Caller(create_guarded_app(services), runner, token=token)
        model_id = create_model(caller)["id"]
        finish_training(services)
        evaluation_id = caller.post(f"/api/v1/models/{model_id}/evaluations", json={}).json()["id"]
    headers = {"Authorization": f"Bearer {token}"}
    ids = {"model_id": model_id, "evaluation_id": evaluation_id, "job_id": evaluation_id, "name": "oval"}
    with api_in_thread(services) as url:
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json", headers=headers)
        yield Target(url, headers, ids, schema.exclude(path_regex=STREAMS).exclude(path="/login"))
    services.close()


def test_no_answer_is_a_crash_or_breaks_the_description(target: Target) -> None:
    walked = 0

    for found in target.schema.get_all_operations():
        try_operation(found.ok(), target)
        walked += 1

    assert walked >= 30


def try_operation(operation: schemathesis.APIOperation, target: Target) -> None:
    """Sends made-up requests of one operation, good ones and bad ones."""

    @given(operation.as_strategy(generation_mode=POSITIVE) | operation.as_strategy(generation_mode=NEGATIVE))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case) -> None:
        for name, known in target.ids.items():
            # Every other request is about something that is there.
            if name in case.path_parameters and len(str(case.path_parameters[name])) % 2:
                case.path_parameters[name] = known

        case.call_and_validate(headers=target.headers, checks=CHECKS, timeout=20)

    send()
