"""The client's live events while the API's process is killed and started again in their middle."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.client import Client, ServiceError
from deepracer_local.db import Database, open_database
from deepracer_local.domain import JobState
from tests.integration.service import PATIENCE_S, Service, running_service, wait_until

OWNER = "local"
N_EVENTS = 2 + 3 * 20 + 1
"""Submitted and claimed; twenty times paused, resumed and claimed again; succeeded."""
Told = list[tuple[str, dict[str, Any]]]


class Listener:
    """Reads a client's events in a thread."""

    def __init__(self, events: Iterator[tuple[str, dict[str, Any]]]) -> None:
        self.told: Told = []
        self.error: Exception | None = None
        self._events = events
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            for event in self._events:
                self.told.append(event)
        except ServiceError as err:
            self.error = err

    def wait_for(self, is_so: Callable[[Told], bool], what: str) -> None:
        wait_until(lambda: is_so(self.told) or self.error, what, state=lambda: f"{self.told[-3:]}, {self.error}")
        assert self.error is None, self.error

    def join(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    @property
    def ids(self) -> list[int]:
        return [body["id"] for name, body in self.told if name == "job"]

    @property
    def lines(self) -> list[str]:
        return [line["text"] for name, body in self.told if name == "log" for line in body["lines"]]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running_service(tmp_path / "data", "--api-only") as started:
        yield started


@pytest.fixture
def database(service: Service) -> Iterator[Database]:
    """The service's database, on which the test does what a runner would."""
    opened = open_database(f"sqlite:///{service.data_dir / 'service.db'}")
    yield opened
    opened.close()


def started_job(client: Client, database: Database) -> str:
    model = client.train(track="oval")
    job = database.jobs.claim("worker", 600.0)
    assert job is not None
    assert job.id == model.job["id"]
    return job.id


def test_a_restart_in_the_middle_loses_and_repeats_nothing(service: Service, database: Database) -> None:
    with service.client() as client:
        job_id = started_job(client, database)
        one = Listener(client.events(job_id, log_after=0))
        every = Listener(itertools.islice(client.events(after=0), N_EVENTS))
        database.logs.append(job_id, 1, [f"before {n}" for n in range(700)])
        one.wait_for(lambda _: len(one.lines) == 700, "the lines before")
        every.wait_for(lambda _: len(every.ids) == 2, "the events before")

        service.kill()
        attempt = 1
        for n in range(20):  # a runner goes on without the API
            database.logs.append(job_id, attempt, [f"meanwhile {n}"])
            database.jobs.hand_back(job_id, attempt)
            job = database.jobs.claim("worker", 600.0)
            assert job is not None
            attempt = job.attempt
        with running_service(service.data_dir, "--api-only", port=service.port):
            one.wait_for(lambda _: len(one.lines) == 720, "the lines meanwhile")
            database.logs.append(job_id, attempt, ["after"])
            database.jobs.succeed(job_id, attempt, {})
            one.join()
            expected = [event.id for event in database.events.after(0, job_id=job_id)]
            every.join()

        assert one.error is every.error is None
        assert one.ids == every.ids == expected
        assert len(expected) == N_EVENTS
        assert database.jobs.get(OWNER, job_id).state is JobState.SUCCEEDED
        assert one.lines == [*(f"before {n}" for n in range(700)), *(f"meanwhile {n}" for n in range(20)), "after"]


def test_a_service_that_does_not_come_back_is_given_up(service: Service, database: Database) -> None:
    with service.client() as client:
        job_id = started_job(client, database)
        listener = Listener(client.events(job_id, patience_s=1.0))
        listener.wait_for(lambda told: len(told) == 2, "the first events")

        service.kill()
        listener.join()

    assert isinstance(listener.error, ServiceError)
    assert listener.error.status == 0
    assert f"after={listener.ids[-1]}" in str(listener.error)


def test_a_job_that_is_deleted_meanwhile_is_said_to_be_gone(service: Service, database: Database) -> None:
    with service.client() as client:
        job_id = started_job(client, database)
        listener = Listener(client.events(job_id))
        listener.wait_for(lambda told: len(told) == 2, "the first events")

        service.kill()
        job = database.jobs.get(OWNER, job_id)
        database.jobs.cancelled(job_id, job.attempt)
        database.models.delete(OWNER, job.model_id)
        with running_service(service.data_dir, "--api-only", port=service.port):
            listener.join()

    assert isinstance(listener.error, ServiceError)
    assert listener.error.status == 404
