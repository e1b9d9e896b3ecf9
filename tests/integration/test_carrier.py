"""The carrier while the database is away: what it could not bring comes later, in order and once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deepracer_local.db import _store
from deepracer_local.errors import NotFoundError, StorageError
from deepracer_local.runs import RunDirectory
from deepracer_local.workers._carrier import Carrier
from tests.integration.jobs import Workshop


def write_rows(run: RunDirectory, first: int, last: int, *, tail: str = "") -> None:
    with (run.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({"iteration": i, "total_steps": 512 * i}) + "\n" for i in range(first, last))
        file.write(tail)


def carrying(folder: Path) -> tuple[Workshop, RunDirectory, Carrier, str]:
    """Returns an attempt whose run directory is empty still, and whose model it is."""
    workshop = Workshop(folder)
    workshop.submit()
    job = workshop.database.jobs.claim("worker", 600.0)
    assert job is not None
    run = RunDirectory(folder / "run")
    run.path.mkdir()
    carrier = Carrier(workshop.database, workshop.store, run, job_id=job.id, attempt=job.attempt, is_training=True)
    return workshop, run, carrier, job.model_id


def test_rows_that_the_database_could_not_take_come_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_store, "BUSY_TIMEOUT_S", 0.05)
    workshop, run, carrier, model = carrying(tmp_path)
    write_rows(run, 0, 700)

    with closing(sqlite3.connect(tmp_path / "service.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError):
            carrier.carry()
        other.execute("ROLLBACK")
    write_rows(run, 700, 1_200, tail='{"iteration": 12')
    carrier.carry()

    rows = list(workshop.database.progress.metrics(model, limit=5_000))
    assert [row["iteration"] for row in rows] == list(range(1_200))


def test_prints_come_while_the_training_runs_and_only_their_newest_version_stays(tmp_path: Path) -> None:
    workshop, run, carrier, model = carrying(tmp_path)
    name = "reward_prints.jsonl"
    versions = []

    def stored() -> bytes:
        artifacts = [one for one in workshop.database.artifacts.list(model) if one.name == name]
        assert len(artifacts) == 1
        versions.append(artifacts[0].key)
        with workshop.store.open(artifacts[0].key) as file:
            content: bytes = file.read()
        return content

    for count in (20, 40, 41):
        lines = [json.dumps({"episode": i, "step": 2, "text": "hello"}) + "\n" for i in range(count)]
        (run.path / name).write_text("".join(lines) + '{"episode": 9', encoding="utf-8")
        carrier.carry()
        # The last line is no more than a fortieth: it waits.
        assert stored().decode() == "".join(lines[: min(count, 40)])
    (run.path / name).write_text("".join(lines), encoding="utf-8")
    carrier.finish()

    assert stored().decode() == "".join(lines)
    gone = set(versions[:-1])
    assert len(gone) == 2
    for key in gone:
        with pytest.raises(NotFoundError):
            workshop.store.stat(key)
