"""The carrier while the database is away: what it could not bring comes later, in order and once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deepracer_local.db import _store
from deepracer_local.errors import StorageError
from deepracer_local.runs import RunDirectory
from deepracer_local.workers._carrier import Carrier
from tests.integration.jobs import Workshop


def write_rows(run: RunDirectory, first: int, last: int, *, tail: str = "") -> None:
    with (run.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({"iteration": i, "total_steps": 512 * i}) + "\n" for i in range(first, last))
        file.write(tail)


def test_rows_that_the_database_could_not_take_come_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_store, "BUSY_TIMEOUT_S", 0.05)
    workshop = Workshop(tmp_path)
    workshop.submit()
    job = workshop.database.jobs.claim("worker", 600.0)
    assert job is not None
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    carrier = Carrier(workshop.database, workshop.store, run, job_id=job.id, attempt=job.attempt, is_training=True)
    write_rows(run, 0, 700)

    with closing(sqlite3.connect(tmp_path / "service.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError):
            carrier.carry()
        other.execute("ROLLBACK")
    write_rows(run, 700, 1_200, tail='{"iteration": 12')
    carrier.carry()

    rows = list(workshop.database.progress.metrics(job.model_id, limit=5_000))
    assert [row["iteration"] for row in rows] == list(range(1_200))
