"""A whole service in one process: real database in a temporary folder, artifacts in memory, no network."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from deepracer_local.api import Services, new_token
from deepracer_local.artifacts import MemoryStore
from deepracer_local.db import Database, open_database
from deepracer_local.domain import JobKind
from deepracer_local.track import builtin_tracks_dir

URL = "http://localhost"
OWNER, OTHER = "local", "somebody-else"
REWARD = "def reward_function(params):\n    return 1.0\n"
NOWHERE = "a" * 15
"""An id that no row has."""


def make_services(folder: Path, *, blank: Path | None = None) -> Services:
    """Returns the services of an empty installation; ``blank`` is an empty database, which spares making one."""
    tracks = folder / "tracks"
    tracks.mkdir()
    if blank is not None:
        shutil.copy(blank, folder / "service.db")
    database = open_database(f"sqlite:///{folder / 'service.db'}")
    database.migrate()
    return Services(
        database=database,
        store=MemoryStore(),
        track_directories=(builtin_tracks_dir(), tracks),
        data_dir=folder,
        version="0.0",
    )


def add_token(database: Database, owner: str = OWNER, *, scope: str = "read write", **fields: Any) -> str:
    """Returns a fresh token of ``owner``."""
    token, sha256 = new_token()
    database.tokens.add(owner, name="test", sha256=sha256, scope=scope, **fields)
    return token


class Caller:
    """Sends requests into an ASGI application, one after the other or many at once."""

    def __init__(
        self, app: Any, runner: asyncio.Runner, *, token: str | None = None, address: str = "127.0.0.1"
    ) -> None:
        self.app = app
        self._runner = runner
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._address = address

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Returns the answer to one request."""
        return self.all_of([(method, path, options)])[0]

    def all_of(self, requests: Sequence[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Returns the answers to requests that are sent at the same time."""

        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(self._address, 5000))
            async with httpx.AsyncClient(transport=transport, base_url=URL, headers=self._headers) as http:
                waiting: list[Awaitable[httpx.Response]] = [http.request(m, p, **o) for m, p, o in requests]
                return await asyncio.gather(*waiting)

        return self._runner.run(send())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def patch(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)


Connect = Callable[..., Caller]
"""``connect(token, services=…, address=…)``: a client of the guarded application; without a token a stranger."""


def create_model(client: Caller, **fields: Any) -> dict[str, Any]:
    """Creates a model and returns what the service says of it."""
    body = {"name": "m", "track": "oval", "reward_function": REWARD, **fields}
    answer = client.post("/api/v1/models", json=body)
    assert answer.status_code == 202, answer.text
    created: dict[str, Any] = answer.json()
    return created


def finish_training(services: Services, *, lap_time_s: float = 12.5) -> str:
    """Lets a worker claim the next job, leave a checkpoint and succeed; returns the job's id."""
    jobs = services.database.jobs
    job = jobs.claim("worker", 60.0, list(JobKind))
    assert job is not None
    for name in ("model.json", "policy.safetensors", "state.safetensors"):
        key = f"jobs/{job.id}/{job.attempt}/000001/{name}"
        stored = services.store.put(key, f"{name} of {job.id}".encode())
        services.database.artifacts.record(
            job.id,
            job.attempt,
            name=f"checkpoints/000001/{name}",
            key=key,
            size=stored.size,
            sha256=stored.sha256,
            kind="checkpoint",
        )
    services.database.models.set_result(
        job.id, job.attempt, best_checkpoint="000001", last_checkpoint="000001", best_lap_time_s=lap_time_s
    )
    jobs.succeed(job.id, job.attempt, {"state": "SUCCEEDED"})
    return job.id


def assert_error(answer: Any, status: int, *, code: str | None = None, field: str | None = None) -> Mapping[str, Any]:
    """Checks that ``answer`` is the one error body; returns it."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert set(body) == {"code", "message", "field", "line", "request_id"}
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["code"].isupper()
    assert len(body["message"]) > 10
    if code is not None:
        assert body["code"] == code
    if field is not None:
        assert body["field"] == field
    return body
