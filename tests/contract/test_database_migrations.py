"""Migrations, on both databases: from nothing, from every released form, by many at once, and never backwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

from deepracer_local.db import Database, EventName, ModelStatus, NewJob, open_database
from deepracer_local.db._migrate import HEAD
from deepracer_local.db._schema import METADATA
from deepracer_local.domain import Fault, JobKind, JobState, Wish
from deepracer_local.errors import ConflictError, StorageError
from tests.postgres import new_postgres_database

RECORDED = Path(__file__).parent.parent / "data" / "database"
"""What ``iterdump`` and ``pg_dump --inserts`` wrote of a database that each released revision had made and used."""

REVISIONS = sorted({path.name.partition(".")[0] for path in RECORDED.glob("revision_*.sql")})


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'service.db'}"
    else:
        with new_postgres_database(migrated=False) as url:
            yield url


@pytest.fixture(params=REVISIONS)
def released_url(request: pytest.FixtureRequest, empty_url: str) -> str:
    """The URL of a database that an older version of the program has used."""
    url = make_url(empty_url)
    script = (RECORDED / f"{request.param}.{url.get_backend_name()}.sql").read_text(encoding="utf-8")
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(url.database or "")
        connection.executescript(script)
        connection.close()
    else:
        engine = create_engine(url)
        with engine.begin() as session:
            session.exec_driver_sql(script)
        engine.dispose()
    return empty_url


def migrate(url: str) -> None:
    database = open_database(url)
    database.migrate()
    database.close()


def differences(url: str) -> list[object]:
    """What alembic would change to get from the tables as they are to the tables as the program declares them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()
    return list(found)


def test_an_empty_database_gets_the_declared_tables(empty_url: str) -> None:
    migrate(empty_url)

    assert differences(empty_url) == []


def test_every_rule_is_there_after_a_migration_from_nothing(empty_url: str) -> None:
    migrate(empty_url)

    engine = create_engine(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
        assert connection.execute(text("SELECT value FROM counters")).scalars().all() == [0]
    engine.dispose()


def test_a_second_migration_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)

    assert differences(empty_url) == []


def test_many_that_start_at_once_migrate_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [empty_url] * 4))

    assert differences(empty_url) == []


def test_every_released_form_gets_the_declared_tables(released_url: str) -> None:
    migrate(released_url)

    assert differences(released_url) == []


def test_what_an_older_version_wrote_is_read_after_the_migration(released_url: str) -> None:
    migrate(released_url)
    database = open_database(released_url)

    clone, model = database.models.list("local").items
    jobs = {job.model_id: job for job in database.jobs.list("local", kind=JobKind.TRAIN).items}
    done = jobs[model.id]

    assert (model.name, model.tags, model.status) == ("Grüße", ("fast", "night"), ModelStatus.STOPPING)
    assert (model.best_checkpoint, model.best_lap_time_s, clone.parent_id) == ("512", 21.25, model.id)
    assert model.created_at == datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)
    assert (done.state, done.attempt, done.retries) == (JobState.SUCCEEDED, 2, {Fault.HANG: 1})
    assert done.result == {"total_steps": 1024}
    assert [row["mean_reward"] for row in database.progress.metrics(model.id)] == [0.5, None]
    assert len(database.progress.episodes(model.id)) == len(database.progress.evaluations(model.id)) == 1
    assert database.artifacts.usage("local") == {"checkpoint": 2**33, "reward": 11}
    assert [track.fields for track in database.tracks.list("local")] == [{"length_m": 17.5}]
    assert [token.name for token in database.tokens.list("local")] == ["link"]
    assert database.settings.get("slots") == 2
    assert [event.event for event in database.events.after(0, done.id)] == [
        EventName.SUBMIT,
        EventName.CLAIM,
        EventName.RETRY,
        EventName.CLAIM,
        EventName.SUCCEED,
    ]
    database.close()


def test_what_jobs_had_printed_is_read_after_the_migration(released_url: str) -> None:
    engine = create_engine(released_url)
    with engine.connect() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    engine.dispose()
    migrate(released_url)
    database = open_database(released_url)
    running = database.jobs.list("local", states=[JobState.RUNNING]).items[0]

    database.logs.append(running.id, running.attempt, ["on"])

    lines = [line.text for line in database.logs.lines(running.id)]
    assert lines == ([] if before < "0004" else ["loading", "speed: 1.5 m/s \tgrüße", ""]) + ["on"]
    database.close()


def test_work_goes_on_after_the_migration(released_url: str) -> None:
    migrate(released_url)
    database = open_database(released_url)
    running = database.jobs.list("local", states=[JobState.RUNNING]).items[0]
    last_event = database.events.last_id()

    assert database.jobs.heartbeat(running.id, running.attempt, 15.0) is Wish.CANCEL
    database.jobs.cancelled(running.id, running.attempt)
    new = database.jobs.add("local", NewJob(kind=JobKind.EVALUATE, model_id=running.model_id, spec={}))

    assert [event.job_id for event in database.events.after(last_event)] == [running.id, new.id]
    assert _finished_is_final(database, running.id)
    database.close()


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database = open_database(empty_url)

    with pytest.raises(StorageError, match="9999"):
        database.migrate()

    database.close()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
    engine.dispose()


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_url: str) -> None:
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tokens (a INTEGER)"))
    database = open_database(empty_url)

    with pytest.raises(StorageError):
        database.migrate()

    database.close()
    with engine.connect() as connection:
        names = (
            "sqlite_master WHERE type = 'table'" if engine.name == "sqlite" else "pg_tables WHERE schemaname = 'public'"
        )
        assert len(connection.execute(text(f"SELECT * FROM {names}")).all()) == 1
    engine.dispose()


def _finished_is_final(database: Database, job_id: str) -> bool:
    with pytest.raises(ConflictError):
        database.jobs.resume("local", job_id)
    return database.jobs.get("local", job_id).state is JobState.CANCELLED
