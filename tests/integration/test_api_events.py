"""Live events over real connections: in order, without a gap, each watcher at its own pace."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deepracer_local.api import Services
from deepracer_local.api._auth import token_hash
from deepracer_local.client import Client
from deepracer_local.db import NewModel
from deepracer_local.domain import Fault, JobKind
from tests.integration.service import api_in_thread, wait_until
from tests.unit.api.service import OTHER, OWNER, add_token, make_services

PATIENCE_S = 20.0


class House:
    """A served API and its database, in which the test makes things happen."""

    def __init__(self, services: Services, url: str) -> None:
        self.services = services
        self.url = url
        self.token = add_token(services.database)
        self.jobs = services.database.jobs

    def add_job(self, owner: str = OWNER) -> str:
        model = NewModel(name="m", spec={}, reward_key="k")
        _, job = self.jobs.add_with_model(owner, model, JobKind.TRAIN, {})
        return job.id

    def run(self, job_id: str) -> None:
        claimed = self.jobs.claim("worker", 60.0)
        assert claimed is not None
        assert claimed.id == job_id

    def watch(self, path: str, *, after: int | None = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        return httpx.stream("GET", f"{self.url}/api/v1{path}", headers=headers, timeout=PATIENCE_S, trust_env=False)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    services = make_services(tmp_path)
    with api_in_thread(services) as url:
        yield House(services, url)
    services.database.close()


def messages(lines: Iterator[str]) -> Iterator[tuple[int | None, str, dict[str, Any]]]:
    """Yields (id, name, body) of a stream."""
    event_id, name = None, ""
    for line in lines:
        key, _, value = line.partition(": ")
        if key == "id":
            event_id = int(value)
        elif key == "event":
            name = value
        elif key == "data":
            yield event_id, name, json.loads(value)
            event_id = None


def test_a_jobs_story_is_told_from_its_beginning_and_ends_with_it(house: House) -> None:
    house.add_job(OTHER)
    job_id = house.add_job()
    house.jobs.request_cancel(OTHER, house.jobs.list(OTHER).items[0].id)
    told = []
    with house.watch(f"/jobs/{job_id}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        for event_id, name, body in messages(response.iter_lines()):
            told.append((event_id, name, body.get("event") or body.get("steps")))
            # Each thing that is told is followed by the next one that happens.
            if told[-1][2] == "SUBMIT":
                house.run(job_id)
            elif told[-1][2] == "CLAIM":
                house.jobs.heartbeat(job_id, 1, 60.0, {"steps": 100})
            elif told[-1][2] == 100:
                house.jobs.heartbeat(job_id, 1, 60.0, {"steps": 200})
            elif told[-1][2] == 200:
                house.jobs.succeed(job_id, 1, {})

    assert [(name, what) for _, name, what in told] == [
        ("job", "SUBMIT"),
        ("job", "CLAIM"),
        ("progress", 100),
        ("progress", 200),
        ("job", "SUCCEED"),
    ]
    ids = [event_id for event_id, name, _ in told if name == "job"]
    assert ids == sorted(ids)  # type: ignore[type-var]  # all of them are numbers
    assert all(event_id is None for event_id, name, _ in told if name == "progress")


def test_a_watcher_that_comes_back_misses_nothing(house: House) -> None:
    job_id = house.add_job()
    for _ in range(150):
        house.jobs.request_pause(OWNER, job_id)
        house.jobs.resume(OWNER, job_id)
    house.jobs.request_cancel(OWNER, job_id)
    expected = [event.id for event in house.services.database.events.after(0, job_id=job_id)]

    seen: list[int] = []
    while seen[-1:] != expected[-1:]:
        with house.watch(f"/jobs/{job_id}/events", after=seen[-1] if seen else None) as response:
            for n, (event_id, _, _) in enumerate(messages(response.iter_lines())):
                assert event_id is not None
                seen.append(event_id)
                if n == 60:
                    break  # the line is cut in the middle

    assert seen == expected
    assert len(seen) == 302


def test_a_watcher_that_has_seen_the_end_is_told_not_to_come_back(house: House) -> None:
    job_id = house.add_job()
    house.jobs.request_cancel(OWNER, job_id)
    last = house.services.database.events.last_id()

    with house.watch(f"/jobs/{job_id}/events", after=last) as response:
        assert response.status_code == 204
    with house.watch(f"/jobs/{job_id}/events", after=last - 1) as response:
        assert [body["event"] for _, _, body in messages(response.iter_lines())] == ["CANCEL"]
    with Client(house.url, house.token) as client:
        assert list(client.events(job_id, after=last)) == []


def test_the_service_is_watched_from_now_on_and_shows_ones_own_alone(house: House) -> None:
    house.add_job()
    with house.watch("/events") as response:
        lines = messages(response.iter_lines())
        house.add_job(OTHER)
        mine = house.add_job()

        _, name, body = next(lines)
        assert (name, body["job_id"], body["event"]) == ("job", mine, "SUBMIT")


def test_a_slow_watcher_delays_nobody(house: House) -> None:
    # More than the buffers between two processes take, so that the slow one's stream stands still.
    for _ in range(30):
        job_id = house.add_job()
        house.run(job_id)
        house.jobs.fail(job_id, 1, Fault.USER_ERROR, "x" * 600_000)

    with house.watch("/events", after=0) as slow:  # reads nothing but the head
        with house.watch("/events", after=0) as response:
            lines = messages(response.iter_lines())
            told = [next(lines)[0] for _ in range(90)]
            last = house.add_job()
            _, _, body = next(lines)

        assert told == list(range(1, 91))
        assert body["job_id"] == last
        assert httpx.get(f"{house.url}/healthz", trust_env=False).status_code == 200
        assert [event_id for event_id, _, _ in itertools.islice(messages(slow.iter_lines()), 91)] == [*told, 91]


def test_a_stream_ends_when_its_token_is_revoked(house: House) -> None:
    token = add_token(house.services.database)
    tokens = house.services.database.tokens
    found = tokens.find(token_hash(token))
    assert found is not None
    job_id = house.add_job()

    with house.watch(f"/jobs/{job_id}/events", token=token) as response:
        lines = messages(response.iter_lines())
        next(lines)
        tokens.revoke(OWNER, found.id)
        assert list(lines) == []


def test_a_deleted_job_ends_its_stream(house: House) -> None:
    job_id = house.add_job()
    with house.watch(f"/jobs/{job_id}/events") as response:
        lines = messages(response.iter_lines())
        next(lines)
        model_id = house.jobs.request_cancel(OWNER, job_id).model_id
        house.services.database.models.delete(OWNER, model_id)

        assert [body.get("event") for _, _, body in lines] in ([], ["CANCEL"])


@pytest.mark.parametrize("query", ["after=-1", "after=x", f"after={10**30}"])
def test_a_bad_place_is_named(house: House, query: str) -> None:
    with house.watch(f"/events?{query}") as response:
        response.read()
        assert response.status_code == 422
        assert response.json()["field"] == "after"


def test_a_connection_that_sends_too_much_is_answered_and_closed(house: House) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 100_000

    headers = {"Authorization": f"Bearer {house.token}", "Content-Type": "application/json"}
    sizes = {"Content-Length": str(10**9)}
    for length in ({}, sizes):
        with httpx.Client(base_url=house.url, timeout=PATIENCE_S, trust_env=False) as http:
            answer = wait_until(lambda: _try_post(http, headers | length, endless()), "an answer")  # noqa: B023
        assert answer.status_code == 413
        assert answer.json()["code"] == "TOO_LARGE"


def _try_post(http: httpx.Client, headers: dict[str, str], content: Iterator[bytes]) -> httpx.Response | None:
    """Returns the answer; None where the connection was closed before it could be read, as TCP allows."""
    try:
        return http.post("/api/v1/models", headers=headers, content=content)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return None
