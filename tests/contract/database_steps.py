"""What many tests of the database begin with."""

from __future__ import annotations

from typing import Any

from deepracer_local.db import Database, Job, NewJob, NewModel
from deepracer_local.domain import JobKind

OWNER = "local"
LEASE_S = 15.0


def add_model(database: Database, owner: str = OWNER, **fields: Any) -> str:
    return database.models.add(owner, NewModel(**{"name": "m", "spec": {}, "reward_key": "r", **fields})).id


def submit(database: Database, owner: str = OWNER, kind: JobKind = JobKind.TRAIN) -> Job:
    return database.jobs.add(owner, NewJob(kind=kind, model_id=add_model(database, owner), spec={"laps": 3}))


def start(database: Database, **options: Any) -> Job:
    submit(database, **options)
    job = database.jobs.claim("worker", LEASE_S)
    assert job is not None
    return job


def event_names(database: Database, job: Job) -> list[str]:
    return [event.event.value for event in database.events.after(0, job.id)]
