"""Live lines over streams and WebSockets, and what becomes of a connection whose token is worth nothing any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from deepracer_local.api import Services
from deepracer_local.api._auth import token_hash
from deepracer_local.client import Client, ServiceError
from deepracer_local.db import open_database
from deepracer_local.runs import RunDirectory
from tests.integration.service import api_in_thread, running_service, wait_until
from tests.integration.test_api_events import House, messages
from tests.unit.api.service import OWNER, add_token, make_services

PATIENCE_S = 20.0


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    made = make_services(tmp_path)
    services: Services = replace(made, database=open_database(f"sqlite:///{tmp_path / 'service.db'}", clock=clock))
    with api_in_thread(services) as url:
        yield House(services, url)
    services.database.close()
    made.database.close()


def socket_to(house: House, path: str, token: str | None = None) -> ClientConnection:
    url = house.url.replace("http://", "ws://")
    headers = {"Authorization": f"Bearer {token or house.token}"}
    return connect(f"{url}/api/v1{path}", additional_headers=headers, proxy=None, open_timeout=PATIENCE_S)


def heard(socket: ClientConnection) -> Iterator[dict[str, Any]]:
    """Yields messages until the service closes the connection."""
    while True:
        try:
            yield json.loads(socket.recv(timeout=PATIENCE_S))
        except ConnectionClosed:
            return


def running_job(house: House, *lines: str) -> str:
    job_id = house.add_job()
    house.run(job_id)
    house.services.database.logs.append(job_id, 1, lines)
    return job_id


def print_to(house: House, job_id: str, *lines: str) -> None:
    house.services.database.logs.append(job_id, 1, lines)


def texts(messages_: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> list[str]:
    return [line["text"] for message in messages_ if message["event"] == "log" for line in message["data"]["lines"]]


def test_lines_come_while_the_job_runs_and_the_stream_ends_with_all_of_them(house: House) -> None:
    job_id = running_job(house, "one", "two")

    told: list[str] = []
    with house.watch(f"/jobs/{job_id}/events?log_after=1") as response:
        for event_id, name, body in messages(response.iter_lines()):
            if name != "log":
                continue
            assert event_id is None
            assert body["job_id"] == job_id
            told += [line["text"] for line in body["lines"]]
            if told == ["two"]:
                print_to(house, job_id, *(f"more {n}" for n in range(1_200)))  # more than one look takes
                print_to(house, job_id, "last")
                house.jobs.succeed(job_id, 1, {})

    assert told == ["two", *(f"more {n}" for n in range(1_200)), "last"]


def test_whoever_does_not_ask_gets_no_lines(house: House) -> None:
    job_id = running_job(house, "one")
    house.jobs.succeed(job_id, 1, {})

    with house.watch(f"/jobs/{job_id}/events") as response:
        assert {name for _, name, _ in messages(response.iter_lines())} == {"job"}


def test_lines_that_are_left_keep_a_stream_from_being_over(house: House) -> None:
    job_id = running_job(house, "one", "two")
    house.jobs.succeed(job_id, 1, {})
    last = house.services.database.events.last_id()

    with house.watch(f"/jobs/{job_id}/events?log_after=1", after=last) as response:
        assert response.status_code == 200
        assert [line["text"] for _, _, body in messages(response.iter_lines()) for line in body["lines"]] == ["two"]
    with house.watch(f"/jobs/{job_id}/events?log_after=2", after=last) as response:
        assert response.status_code == 204


def test_a_socket_sends_lines_and_ends_with_the_job(house: House) -> None:
    job_id = running_job(house, "one", "two")

    told: list[dict[str, Any]] = []
    with socket_to(house, f"/jobs/{job_id}/ws?log_after=0") as socket:
        for message in heard(socket):
            told.append(message)
            if message["event"] == "log" and texts(told) == ["one", "two"]:
                print_to(house, job_id, "three")
                house.jobs.succeed(job_id, 1, {})

        assert texts(told) == ["one", "two", "three"]
        assert [m["data"]["event"] for m in told if m["event"] == "job"] == ["SUBMIT", "CLAIM", "SUCCEED"]
        assert socket.close_code == 1000


def test_a_socket_of_the_whole_service_has_no_lines(house: House) -> None:
    with socket_to(house, "/events/ws?log_after=0&after=0") as socket:
        job_id = running_job(house, "one")
        house.jobs.succeed(job_id, 1, {})
        told = []
        for message in heard(socket):
            told.append(message)
            if message["data"].get("event") == "SUCCEED":
                break

    assert {message["event"] for message in told} == {"job", "models"}


def test_a_socket_of_the_whole_service_tells_that_models_were_changed_or_deleted(house: House, clock: Clock) -> None:
    job_id = running_job(house)
    house.jobs.succeed(job_id, 1, {})
    models = house.services.database.models
    model_id = house.services.database.jobs.get(OWNER, job_id).model_id
    changes: list[Callable[[], object]] = [
        lambda: models.delete(OWNER, model_id),
        lambda: models.update(OWNER, model_id, tags=["a"]),
        lambda: models.update(OWNER, model_id, name="other"),
    ]

    with socket_to(house, "/events/ws") as socket:
        told = []
        for message in heard(socket):
            told.append(message["data"]["version"])
            if not changes:
                break
            clock.now += timedelta(seconds=1)
            changes.pop()()

    assert len(set(told)) == 4


def revoke(house: House, clock: Clock, token: str) -> None:
    found = house.services.database.tokens.find(token_hash(token))
    assert found is not None
    house.services.database.tokens.revoke(OWNER, found.id)


def expire(house: House, clock: Clock, token: str) -> None:
    clock.now += timedelta(hours=2)


ENDINGS = [pytest.param(revoke, id="revoked"), pytest.param(expire, id="expired")]


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("path", ["/events", "/jobs/JOB/events"])
def test_a_stream_ends_with_its_token(
    house: House, clock: Clock, path: str, end: Callable[[House, Clock, str], None]
) -> None:
    token = add_token(house.services.database, expires_at=clock.now + timedelta(hours=1))
    path = path.replace("JOB", running_job(house))

    with house.watch(f"{path}?after=0", token=token) as response:
        lines = messages(response.iter_lines())
        next(lines)
        end(house, clock, token)
        assert {name for _, name, _ in lines} <= {"job"}  # comes to an end
    with house.watch(path, token=token) as response:
        assert response.status_code == 401


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("path", ["/events/ws", "/jobs/JOB/ws"])
def test_a_socket_closes_with_its_token(
    house: House, clock: Clock, path: str, end: Callable[[House, Clock, str], None]
) -> None:
    token = add_token(house.services.database, expires_at=clock.now + timedelta(hours=1))
    job_id = running_job(house)

    with socket_to(house, f"{path.replace('JOB', job_id)}?after=0", token) as socket:
        told = heard(socket)
        next(told)
        end(house, clock, token)
        assert {message["event"] for message in told} <= {"job", "models"}
        assert socket.close_code == 1008
        assert "token" in (socket.close_reason or "")


def test_a_token_that_is_revoked_ends_the_clients_events_with_its_refusal(house: House, clock: Clock) -> None:
    token = add_token(house.services.database)
    job_id = running_job(house)

    with Client(house.url, token) as client:
        events = client.events(job_id, patience_s=PATIENCE_S)
        next(events)
        revoke(house, clock, token)
        with pytest.raises(ServiceError) as refused:
            list(events)

    assert refused.value.status == 401


def test_whoever_watches_the_service_learns_where_the_stream_began(house: House) -> None:
    house.add_job()
    last = house.services.database.events.last_id()

    with house.watch("/events") as response:
        lines = response.iter_lines()
        assert [next(lines), next(lines)] == [f"id: {last}", ""]


def test_a_service_with_idle_watchers_stops_in_order(tmp_path: Path) -> None:
    with running_service(tmp_path, "--api-only") as service, ExitStack() as watchers:
        url = f"{service.url.replace('http', 'ws')}/api/v1/events/ws"
        headers = {"Authorization": f"Bearer {service.token}"}
        for _ in range(3):
            socket = connect(url, additional_headers=headers, proxy=None, open_timeout=PATIENCE_S)
            watcher = watchers.enter_context(socket)

        service.stop()

        with pytest.raises(ConnectionClosed):
            read_to_the_end(watcher)
    assert "Traceback" not in service.output


def read_to_the_end(watcher: ClientConnection) -> None:
    """Reads what was said before the end, and meets it."""
    while True:
        watcher.recv(timeout=PATIENCE_S)


def test_pictures_go_to_who_asked_for_that_car(house: House) -> None:
    job_id = house.add_job()
    house.run(job_id)
    run = RunDirectory(house.services.data_dir / "jobs" / job_id)
    run.path.mkdir(parents=True)
    with ExitStack() as stack:
        paths = ("/events/ws", f"/jobs/{job_id}/ws", "/events/ws")
        one, other, silent = (stack.enter_context(socket_to(house, path)) for path in paths)
        # A job that is not told of yet is not watched: only then is a question about it heard.
        run.write_live({"number": 1, "phase": "training", "at_s": 0.0, "cars": []})
        for socket in (one, other, silent):
            next(text for text in socket if isinstance(text, str) and '"telemetry"' in text)
        one.send(json.dumps({"job_id": job_id, "frame": 2}))
        other.send(json.dumps({"frame": 5}))
        for nonsense in ({"job_id": "../..", "frame": 1}, {"job_id": {}, "frame": 1}, {"frame": 1}, {"frame": -1}, []):
            silent.send(json.dumps(nonsense))
        wait_until(lambda: run.wanted_frames() == [2, 5], "both questions")

        run.write_frame(2, b"what car 2 sees")
        run.write_frame(5, b"what car 5 sees")

        assert next(data for data in one if isinstance(data, bytes)) == b"what car 2 sees"
        assert next(data for data in other if isinstance(data, bytes)) == b"what car 5 sees"
        assert run.wanted_frames() == [2, 5]
        house.jobs.succeed(job_id, 1, {})
        last = next(text for text in silent if isinstance(text, bytes) or '"SUCCEEDED"' in text)
        assert isinstance(last, str), "expected no picture where nobody asked for one"
