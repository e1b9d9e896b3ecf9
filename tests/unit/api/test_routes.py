"""Laws of all routes: each declares its permission, hides what is somebody else's, and fails with the one body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts

from deepracer_local.api import Services, create_app
from deepracer_local.api._auth import READ, WRITE
from deepracer_local.api._guard import PUBLIC_PATHS, SAFE_METHODS
from tests.unit.api.service import (
    NOWHERE,
    OTHER,
    REWARD,
    Caller,
    add_token,
    assert_error,
    create_model,
    finish_training,
)
from tests.unit.track.roads import BEAN

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


@dataclass(frozen=True)
class Operations:
    """A route: where it is, what it takes and what stands for it."""

    path: str
    methods: frozenset[str]
    route: APIRoute | APIWebSocketRoute


def routes_of(services: Services) -> list[Operations]:
    """Returns every route, those of included routers too."""
    found = []
    for context in iter_route_contexts(create_app(services).routes):
        route = context.original_route
        assert isinstance(route, (APIRoute, APIWebSocketRoute)), f"{route}: the guard's rules say nothing of such a one"
        methods = frozenset(route.methods) if isinstance(route, APIRoute) else frozenset({"WS"})
        found.append(Operations(context.path or "", methods, route))
    return found


def permissions_of(route: APIRoute | APIWebSocketRoute) -> list[Any]:
    def walk(dependant: Any) -> Iterator[Any]:
        for dependency in dependant.dependencies:
            yield dependency.call
            yield from walk(dependency)

    return [call for call in walk(route.dependant) if call in (READ, WRITE, READ.of_socket)]


def test_every_route_declares_what_it_needs(services: Services) -> None:
    routes = routes_of(services)

    assert len(routes) > 30
    for route in routes:
        expected = 0 if route.path in PUBLIC_PATHS else 1
        assert len(permissions_of(route.route)) == expected, f"{route.path} has to declare READ or WRITE, once"


def test_only_these_are_public() -> None:
    assert {"/healthz", "/login"} == PUBLIC_PATHS


def test_every_unsafe_method_needs_the_scope_write(services: Services) -> None:
    for route in routes_of(services):
        if route.methods - SAFE_METHODS - {"WS"}:
            assert permissions_of(route.route) == [WRITE], f"{route.path} changes something"


def test_a_reader_gets_403_from_every_unsafe_method(services: Services, connect: Any) -> None:
    reader = connect(add_token(services.database, scope="read"))

    for method, path in operations(services):
        if method not in SAFE_METHODS:
            assert_error(reader.request(method, filled(path, NOWHERE, NOWHERE), **body_of(path)), 403, code="FORBIDDEN")


def test_what_is_somebody_elses_is_nowhere(services: Services, client: Caller, other_client: Caller) -> None:
    model = create_model(other_client)
    evaluation_id = evaluated(services, other_client, model["id"])
    walked = 0

    for method, path in operations(services):
        if "_id}" not in path:
            continue
        theirs = client.request(method, filled(path, model["id"], evaluation_id), **body_of(path))
        nothing = client.request(method, filled(path, NOWHERE, NOWHERE), **body_of(path))
        assert_error(theirs, 404, code="NOT_FOUND")
        hidden = {model["id"]: NOWHERE, evaluation_id: NOWHERE}
        said = theirs.json()["message"]
        for known, unknown in hidden.items():
            said = said.replace(known, unknown)
        assert said == nothing.json()["message"]
        walked += 1

    assert walked >= 20
    assert services.database.models.get(OTHER, model["id"]).name == "m"


def test_lists_hold_ones_own_alone(services: Services, client: Caller, other_client: Caller) -> None:
    model = create_model(other_client)
    evaluated(services, other_client, model["id"])
    create_model(other_client)

    assert client.get("/api/v1/models").json()["models"] == []
    assert client.get("/api/v1/jobs").json()["jobs"] == []
    assert client.get("/api/v1/jobs/queue").json()["jobs"] == []
    assert len(other_client.get("/api/v1/jobs").json()["jobs"]) == 3


def test_a_model_of_somebody_else_has_no_evaluation_of_mine(services: Services, client: Caller) -> None:
    first, second = create_model(client), create_model(client, name="n")
    evaluation_id = evaluated(services, client, first["id"])

    assert client.get(f"/api/v1/models/{first['id']}/evaluations/{evaluation_id}").status_code == 200
    assert_error(client.get(f"/api/v1/models/{second['id']}/evaluations/{evaluation_id}"), 404)
    training_id = first["jobs"][0]["id"]
    assert_error(client.get(f"/api/v1/models/{first['id']}/evaluations/{training_id}"), 404)


@pytest.mark.parametrize(
    "strange", ["x", "%00", "..%2f..%2fetc", "%252e%252e", "a" * 5_000, "%ff", "é", "aaaaaaaaaaaaaa/"]
)
def test_strange_ids_are_nowhere(services: Services, client: Caller, strange: str) -> None:
    for method, path in operations(services):
        if "_id}" in path or "{name" in path:
            address = re.sub(r"\{[^}]*\}", strange, path)
            assert client.request(method, address, **body_of(path)).status_code in {404, 405}, (method, address)


def test_every_failure_has_the_one_body(client: Caller) -> None:
    model = create_model(client)

    assert_error(client.get("/nothing"), 404, code="NOT_FOUND")
    assert_error(client.get("/api/v1/models/"), 404, code="NOT_FOUND")
    wrong_method = client.request("PUT", f"/api/v1/models/{model['id']}")
    assert_error(wrong_method, 405, code="METHOD_NOT_ALLOWED")
    assert wrong_method.headers["allow"]
    assert_error(client.delete(f"/api/v1/models/{model['id']}"), 409, code="CONFLICT")
    text = {"content": b"name", "headers": {"Content-Type": "text/plain"}}
    assert_error(client.post("/api/v1/models", **text), 415, code="UNSUPPORTED_MEDIA_TYPE")
    assert_error(client.get("/api/v1/models?limit=0"), 422, code="INVALID", field="limit")
    assert_error(client.patch(f"/api/v1/models/{model['id']}", content=b"{"), 422, code="INVALID")
    deep = {"content": b'{"name":' * 100_000, "headers": {"Content-Type": "application/json"}}
    assert_error(client.patch(f"/api/v1/models/{model['id']}", **deep), 400, code="BAD_REQUEST")
    assert_error(client.post("/api/v1/models", **deep), 422, code="INVALID")


def test_a_bug_is_500_with_a_request_id_and_without_a_secret(
    services: Services, connect: Any, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_folder: Path) -> int:
        raise RuntimeError("the secret of the house")

    answer = connect(token, services=replace(services, free_bytes=broken)).post("/api/v1/models", json={"name": "m"})

    body = assert_error(answer, 500, code="INTERNAL")
    assert "secret" not in answer.text
    assert body["request_id"] in [getattr(record, "request_id", None) for record in caplog.records]


def test_every_route_is_documented(services: Services) -> None:
    documented = DOCS.read_text(encoding="utf-8")

    def written(path: str) -> str:
        path = path.removeprefix("/api/v1")
        path = re.sub(r"\{name[^}]*\}", "NAME", re.sub(r"\{[a-z]*_id\}", "ID", path))
        return re.sub(r"\{([a-z]*)\}", lambda found: found[1].upper(), path)

    every = [f"{method} {written(route.path)}" for route in routes_of(services) for method in sorted(route.methods)]
    missing = [operation for operation in every if f"| `{operation}` |" not in documented]
    assert missing == []


def operations(services: Services) -> list[tuple[str, str]]:
    """Returns every method and path of the API."""
    return [
        (method, route.path)
        for route in routes_of(services)
        for method in sorted(route.methods)
        if isinstance(route.route, APIRoute)
    ]


def filled(path: str, model_id: str, job_id: str) -> str:
    """Returns the path with a model, and a job or evaluation, in it."""
    path = path.replace("{model_id}", model_id).replace("{job_id}", job_id).replace("{evaluation_id}", job_id)
    return re.sub(r"\{name[^}]*\}", "oval", path)


def body_of(path: str) -> dict[str, Any]:
    """Returns a good body for the path."""
    if path == "/api/v1/tracks":
        return {"files": {"file": ("t.npy", b"x")}, "data": {"name": "t"}}
    if path.endswith("/import"):
        return {"files": {"file": ("m.tar", b"x")}}
    if path.endswith("/drawn"):
        return {"json": {"name": "t", "points": BEAN["spline"], "width_m": 0.8}}
    if path.endswith(("/check", "/preview")):
        return {"json": {"reward_function": REWARD}}
    if path.endswith(("/models", "/clone")):
        return {"json": {"name": "m"}}
    return {"json": {}}


def evaluated(services: Services, client: Caller, model_id: str) -> str:
    """Trains a model and evaluates it; returns the evaluation's id."""
    finish_training(services)
    answer = client.post(f"/api/v1/models/{model_id}/evaluations", json={})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])
