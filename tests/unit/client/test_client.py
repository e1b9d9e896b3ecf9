"""The client against a service that answers from a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deepracer_local import Client
from deepracer_local.client import ServiceError

Answer = Callable[[httpx.Request], httpx.Response]


def client_of(answer: Answer) -> Client:
    return Client("http://service", "secret", transport=httpx.MockTransport(answer))


def test_every_request_carries_the_token() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(200, json={"models": [], "next_token": None})

    client_of(answer).models()

    assert seen == ["Bearer secret"]


def test_all_pages_are_read() -> None:
    pages = {None: (["a", "b"], "2"), "2": (["c"], None)}

    def answer(request: httpx.Request) -> httpx.Response:
        names, token = pages[request.url.params.get("token")]
        return httpx.Response(200, json={"models": [{"name": n} for n in names], "next_token": token})

    assert [model["name"] for model in client_of(answer).models()] == ["a", "b", "c"]


def test_files_travel_unchanged_beside_the_request(tmp_path: Path) -> None:
    reward = tmp_path / "f.py"
    reward.write_bytes(b"def reward_function(params):\r\n    return 1.0\r\n")
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        assert request.headers["Idempotency-Key"] == "once"
        return httpx.Response(202, json={"id": "m", "jobs": [{"id": "j"}]})

    settings = tmp_path / "settings.json"
    settings.write_bytes(b'{"LIDAR":{}}')

    stages = tmp_path / "stages.yaml"
    stages.write_bytes(b"stages: [{}, {}]  # two")

    files = {"sensor_settings": settings, "curriculum": stages}
    client_of(answer).train(reward, name="n", track="oval", idempotency_key="once", **files)
    client_of(answer).train(name="n", curriculum={"stages": []}, idempotency_key="once")

    assert settings.read_bytes() in bodies[0]
    assert stages.read_bytes() in bodies[0]
    assert json.dumps({"name": "n", "curriculum": {"stages": []}}).encode() in bodies[1]
    assert reward.read_bytes() in bodies[0]
    assert json.dumps({"name": "n", "track": "oval"}).encode() in bodies[0]


@pytest.mark.parametrize(("status", "is_users_fault"), [(422, True), (404, True), (503, False), (500, False)])
def test_a_refusal_is_an_error_with_its_words(status: int, *, is_users_fault: bool) -> None:
    body = {"code": "INVALID", "message": "name: too long.", "field": "name", "request_id": "r1"}

    with pytest.raises(ServiceError, match="too long") as caught:
        client_of(lambda _: httpx.Response(status, json=body)).model("x")

    assert (caught.value.status, caught.value.field, caught.value.request_id) == (status, "name", "r1")
    assert caught.value.is_users_fault is is_users_fault


def test_an_answer_that_is_no_error_body_is_still_an_error() -> None:
    with pytest.raises(ServiceError, match="502"):
        client_of(lambda _: httpx.Response(502, text="bad gateway")).model("x")


def test_a_service_that_is_not_there_is_said_so() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ServiceError, match="deepracer-local serve") as caught:
        client_of(refuse).models()

    assert caught.value.status == 0


def test_waiting_ends_with_the_job() -> None:
    states = iter(["QUEUED", "IN_PROGRESS", "COMPLETED"])
    model: dict[str, Any] = {"id": "m", "jobs": [{"id": "j"}], "status": "READY"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/jobs/j"):
            return httpx.Response(200, json={"status": next(states), "fault": None, "message": None})
        return httpx.Response(200, json=model)

    seen: list[str] = []
    client_of(answer).model("m").wait(lambda job: seen.append(job["status"]))

    assert seen == ["QUEUED", "IN_PROGRESS", "COMPLETED"]


def test_a_failed_job_is_an_error() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/jobs/j"):
            return httpx.Response(200, json={"status": "FAILED", "fault": "USER_ERROR", "message": "line 2: oh"})
        return httpx.Response(200, json={"id": "m", "jobs": [{"id": "j"}]})

    with pytest.raises(ServiceError, match="line 2") as caught:
        client_of(answer).model("m").wait()

    assert caught.value.is_users_fault


def test_a_download_appears_when_it_is_whole(tmp_path: Path) -> None:
    def broken() -> Any:
        yield b"half"
        raise httpx.ReadError("gone")

    with pytest.raises(ServiceError):
        client_of(lambda _: httpx.Response(200, content=broken())).download("/x", tmp_path / "m.tar.gz")
    assert not (tmp_path / "m.tar.gz").exists()

    client_of(lambda _: httpx.Response(200, content=b"whole")).download("/x", tmp_path / "m.tar.gz")
    assert (tmp_path / "m.tar.gz").read_bytes() == b"whole"


def test_events_are_read_as_they_come() -> None:
    text = (
        'id: 1\nevent: job\ndata: {"a": 1}\n\n: still here\n\nevent: progress\ndata: {"b": 2}\n\n'
        'id: 2\nevent: job\ndata: {"state": "SUCCEEDED"}\n\n'
    )

    events = list(client_of(lambda _: httpx.Response(200, text=text)).events("j"))

    assert events == [("job", {"a": 1}), ("progress", {"b": 2}), ("job", {"state": "SUCCEEDED"})]


def test_health_is_told_also_where_the_service_cannot_work() -> None:
    ill = {"is_ready": False, "version": "1", "parts": [{"name": "database", "is_healthy": False}]}
    refusal = {"code": "UNAVAILABLE", "message": "The database is away.", "field": None, "request_id": "r"}

    assert client_of(lambda _: httpx.Response(503, json=ill)).health() == ill
    with pytest.raises(ServiceError, match="database is away"):
        client_of(lambda _: httpx.Response(503, json=refusal)).health()


def test_names_are_one_segment_of_an_address(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={"id": "m", "jobs": []})

    client = client_of(answer)
    client.track("../models?x#y")
    client.model("m").save_asset("trace/training/0.csv", tmp_path / "t")

    assert seen == [
        b"/api/v1/tracks/..%2Fmodels%3Fx%23y",
        b"/api/v1/models/m",
        b"/api/v1/models/m/assets/trace%2Ftraining%2F0.csv",
    ]


@pytest.mark.parametrize(("kind", "choice", "field"), [("lap", {}, "kind"), ("episode", {"lap": 1}, "lap")])
def test_a_trace_that_cannot_be_is_refused_before_it_is_asked_for(
    kind: str, choice: dict[str, int], field: str
) -> None:
    model = client_of(lambda _: httpx.Response(200, json={"id": "m", "jobs": []})).model("m")

    with pytest.raises(ServiceError) as caught:
        model.trace(kind, 0, **choice)

    assert caught.value.field == field
