"""Several real processes on one database: claims, writing in turn, and dying in the middle."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.db import Database, NewJob, NewModel, open_database
from deepracer_local.domain import JobKind, JobState
from deepracer_local.errors import ConflictError, StaleAttemptError
from tests.postgres import new_postgres_database

OWNER = "local"
PROCESSES = multiprocessing.get_context("spawn")
PATIENCE_S = 60.0


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgresql":
        with new_postgres_database() as url:
            yield url
    else:
        url = f"sqlite:///{tmp_path / 'service.db'}"
        database = open_database(url)
        database.migrate()
        database.close()
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def submit(database: Database, count: int) -> list[str]:
    model = database.models.add(OWNER, NewModel(name="m", spec={}, reward_key="r"))
    new = NewJob(kind=JobKind.EVALUATE, model_id=model.id, spec={})
    return [database.jobs.add(OWNER, new).id for _ in range(count)]


def meet(parent: Connection) -> None:
    """Tells that this child is ready and waits until all are."""
    parent.send("ready")
    parent.recv()


class Children:
    """Processes that wait for each other, start together and answer through a pipe."""

    def __init__(self, target: Any, url: str, count: int) -> None:
        self.processes: list[BaseProcess] = []
        self.pipes: list[Connection] = []
        for _ in range(count):
            ours, theirs = PROCESSES.Pipe()
            process = PROCESSES.Process(target=target, args=(url, theirs), daemon=True)
            process.start()
            theirs.close()
            self.processes.append(process)
            self.pipes.append(ours)
        for pipe in self.pipes:
            assert pipe.poll(PATIENCE_S), "a child does not start"
            pipe.recv()
        for pipe in self.pipes:
            pipe.send("go")

    def answers(self) -> list[Any]:
        found = []
        for pipe, process in zip(self.pipes, self.processes, strict=True):
            assert pipe.poll(PATIENCE_S), "a child does not answer"
            found.append(pipe.recv())
            process.join(PATIENCE_S)
            assert process.exitcode == 0
        return found


def claim_until_none_is_left(url: str, answer: Connection) -> None:
    database = open_database(url)
    meet(answer)
    claimed = []
    while any(database.jobs.queue()):
        job = database.jobs.claim(f"process {os.getpid()}", 60.0)
        if job is not None:
            claimed.append(job.id)
            database.jobs.heartbeat(job.id, job.attempt, 60.0, {"steps": 1})
            database.jobs.succeed(job.id, job.attempt, {"pid": os.getpid()})
    database.close()
    answer.send(claimed)


def test_processes_share_the_queue_and_no_job_is_run_twice(database: Database, database_url: str) -> None:
    submitted = submit(database, 40)

    claimed = Children(claim_until_none_is_left, database_url, 3).answers()

    assert sorted(job_id for ids in claimed for job_id in ids) == sorted(submitted)
    assert database.jobs.counts()[JobState.SUCCEEDED] == 40
    assert {database.jobs.get(OWNER, job_id).attempt for job_id in submitted} == {1}
    assert database.events.last_id() == 3 * 40


def write_for_one_second(url: str, answer: Connection) -> None:
    database = open_database(url)
    job = database.jobs.claim(f"process {os.getpid()}", 60.0)
    assert job is not None
    meet(answer)
    end = time.monotonic() + 1.0
    writes, longest_s = 0, 0.0
    while (start := time.monotonic()) < end:
        database.progress.append_metrics(job.id, job.attempt, [{"iteration": writes}])
        longest_s = max(longest_s, time.monotonic() - start)
        writes += 1
    database.close()
    answer.send((writes, longest_s))


def test_processes_that_write_without_a_pause_all_get_their_turn(database: Database, database_url: str) -> None:
    submit(database, 3)

    answers = Children(write_for_one_second, database_url, 3).answers()

    writes = [count for count, _ in answers]
    assert min(writes) > max(writes) / 10
    model_id = database.jobs.list(OWNER).items[0].model_id
    assert len(database.progress.metrics(model_id)) == sum(writes)


def submit_until_killed(url: str, answer: Connection) -> None:
    database = open_database(url)
    model = database.models.add(OWNER, NewModel(name="m", spec={}, reward_key="r"))
    meet(answer)
    while True:
        job = database.jobs.add(OWNER, NewJob(kind=JobKind.EVALUATE, model_id=model.id, spec={}))
        answer.send(job.id)


def test_what_was_acknowledged_is_there_after_a_kill(database: Database, database_url: str) -> None:
    children = Children(submit_until_killed, database_url, 2)
    acknowledged = [pipe.recv() for pipe in children.pipes for _ in range(20) if pipe.poll(PATIENCE_S)]

    for process in children.processes:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(PATIENCE_S)
    for pipe in children.pipes:
        try:
            while pipe.poll():
                acknowledged.append(pipe.recv())
        except EOFError:
            pipe.close()

    found = {job.id for job in database.jobs.list(OWNER, limit=10_000).items}
    events = database.events.after(0, limit=10_000)
    assert len(acknowledged) >= 40
    assert set(acknowledged) <= found
    assert len(found) <= len(acknowledged) + 2, "at most one commit of each was not told any more"
    assert sorted(event.job_id for event in events) == sorted(found)
    assert [event.id for event in events] == list(range(1, len(events) + 1))


def submit_a_training(url: str, answer: Connection) -> None:
    database = open_database(url)
    model_id = database.models.list(OWNER).items[0].id
    meet(answer)
    try:
        answer.send(database.jobs.add(OWNER, NewJob(kind=JobKind.TRAIN, model_id=model_id, spec={})).id)
    except ConflictError as err:
        answer.send(str(err))


def test_of_many_submitters_at_once_one_trains_a_model(database: Database, database_url: str) -> None:
    model_id = database.models.add(OWNER, NewModel(name="m", spec={}, reward_key="r")).id

    answers = Children(submit_a_training, database_url, 4).answers()

    [job] = database.jobs.list(OWNER, model_id=model_id).items
    assert answers.count(job.id) == 1
    assert all(job.id in answer and "Wait for its end" in answer for answer in answers if answer != job.id)


def claim_and_hang(url: str, answer: Connection) -> None:
    database = open_database(url)
    meet(answer)
    job = database.jobs.claim("dead", 0.01)
    assert job is not None
    answer.send(job.id)
    signal.pause()


def test_a_killed_workers_job_goes_on_as_a_new_attempt(database: Database, database_url: str) -> None:
    submit(database, 1)
    children = Children(claim_and_hang, database_url, 1)
    assert children.pipes[0].poll(PATIENCE_S)
    job_id = children.pipes[0].recv()
    process = children.processes[0]
    process.kill()
    process.join(PATIENCE_S)

    lost = database.jobs.expire_leases("dead")
    waiting = database.jobs.get(OWNER, job_id)

    assert [job.id for job in lost] == [job_id]
    assert waiting.state is JobState.QUEUED
    assert waiting.not_before is not None
    with pytest.raises(StaleAttemptError):
        database.jobs.heartbeat(job_id, 1, 15.0)
