"""Health, metrics and documentation."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deepracer_local.api import Services
from deepracer_local.artifacts import MemoryStore, StoredArtifact
from deepracer_local.domain import SandboxOptions, SandboxPolicy
from deepracer_local.errors import DiskFullError, StorageError
from tests.unit.api.service import Caller, Connect, assert_error, create_model, finish_training


class BrokenStore(MemoryStore):
    """A store that cannot be reached."""

    def check(self) -> None:
        raise StorageError("Expected the store to answer, got silence. Look whether it is up.")

    def put(self, *_args: Any, **_options: Any) -> Any:
        raise StorageError("Expected the store to answer, got silence. Look whether it is up.")

    open = put


class BrokenDatabase:
    """A database that cannot be reached any more, but for the tokens that were just looked up."""

    def __init__(self, services: Services) -> None:
        self.tokens = services.database.tokens

    def check(self) -> None:
        raise StorageError("Expected the database to answer, got silence. Look whether it is up.")


def test_a_service_that_can_work_is_ready(client: Caller) -> None:
    body = client.get("/readyz").json()

    assert body["is_ready"]
    assert [part["name"] for part in body["parts"]] == ["database", "artifact store", "disk", "sandbox"]


@pytest.mark.parametrize("name", ["database", "artifact store", "disk"])
def test_a_part_that_cannot_work_is_named(services: Services, connect: Connect, token: str, name: str) -> None:
    broken: dict[str, Any] = {
        "database": {"database": BrokenDatabase(services)},
        "artifact store": {"store": BrokenStore()},
        "disk": {"free_bytes": lambda _folder: 0},
    }

    answer = connect(token, services=replace(services, **broken[name])).get("/readyz")

    assert answer.status_code == 503
    assert not answer.json()["is_ready"]
    assert [part["name"] for part in answer.json()["parts"] if not part["is_healthy"]] == [name]


def test_a_store_that_cannot_be_reached_loses_no_job(services: Services, connect: Connect, token: str) -> None:
    client = connect(token)
    model = create_model(client)
    finish_training(services)
    broken = connect(token, services=replace(services, store=BrokenStore()))

    assert_error(broken.post("/api/v1/models", json={"name": "m"}), 503, code="UNAVAILABLE")
    assert_error(broken.get(f"/api/v1/models/{model['id']}/archive"), 503)
    assert_error(broken.get(f"/api/v1/models/{model['id']}/reward-function"), 503)
    assert len(client.get("/api/v1/jobs").json()["jobs"]) == 1


def test_the_metrics_count_jobs(client: Caller) -> None:
    create_model(client)

    answer = client.get("/metrics")

    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    counts = {sample.labels["state"]: sample.value for sample in families["deepracer_jobs"].samples}
    assert counts["QUEUED"] == 1
    assert counts["RUNNING"] == 0


def test_the_documentation_loads_only_from_here(client: Caller) -> None:
    page = client.get("/docs")

    loaded = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/docs/")
        assert client.get(address).status_code == 200
    assert "<script>" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "/openapi.json" in client.get("/docs/start.js").text
    for name in ("nothing", "..%2f..%2fetc%2fpasswd", "index.html"):
        assert_error(client.get(f"/docs/{name}"), 404)


def test_no_field_takes_an_address(client: Caller) -> None:
    described = client.get("/openapi.json").text

    assert '"format":"uri"' not in described
    assert "endpoint" not in described


def test_the_description_says_what_guards_each_route(client: Caller) -> None:
    described = client.get("/openapi.json").json()

    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert bool(operation["security"]) == (path not in {"/healthz", "/login"})
            assert operation["responses"]["default"]["content"]["application/json"]["schema"]


def test_a_store_whose_disk_is_full_is_507(services: Services, connect: Connect, token: str) -> None:
    class FullStore(MemoryStore):
        def put(self, key: str, source: bytes | Path, *, content_type: str = "") -> StoredArtifact:
            raise DiskFullError("Expected room, there is none. Make some.")

    full = connect(token, services=replace(services, store=FullStore()))

    assert_error(full.post("/api/v1/models", json={"name": "m"}), 507, code="DISK_FULL")
    assert full.get("/api/v1/jobs").json()["jobs"] == []


OLD_KERNEL = (sys.executable, str(Path(__file__).parents[1] / "reward" / "sandbox" / "old_kernel.py"))


def test_the_sandbox_says_what_it_keeps_in(client: Caller) -> None:
    body = client.get("/api/v1/sandbox").json()

    assert body["policy"] == "preferred"
    assert body["is_safe"], body
    assert body["system_calls"] == 31
    assert (body["open_probes"], "seccomp" in body["layers"]) == ([], True)


@pytest.mark.parametrize(("policy", "status"), [("preferred", 200), ("required", 503)])
def test_without_a_wall_everybody_is_told(
    services: Services, connect: Connect, token: str, policy: str, status: int
) -> None:
    options = SandboxOptions(SandboxPolicy(policy), OLD_KERNEL)
    client = connect(token, services=replace(services, sandbox=options))

    body = client.get("/api/v1/sandbox").json()
    ready = client.get("/readyz")

    assert not body["is_safe"]
    assert "open a TCP socket" in body["open_probes"]
    assert body["system_calls"] is None
    assert "NOT confined" in body["message"]
    assert ready.status_code == status
    assert ready.json()["parts"][-1]["message"] == body["message"]
