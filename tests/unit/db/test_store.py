"""Opening a database, and what its failures become."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url

from deepracer_local.db import Database, NewModel, open_database
from deepracer_local.db import _store as store
from deepracer_local.errors import DiskFullError, InvalidInputError, SpecError, StorageError, UnknownNameError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "service.db"


def open_migrated(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    database.migrate()
    return database


@pytest.mark.parametrize("url", ["mysql://host/x", "oracle://x", "postgres2://x"])
def test_another_kind_of_database_is_unknown(url: str) -> None:
    with pytest.raises(UnknownNameError):
        open_database(url)


@pytest.mark.parametrize("url", ["", "service.db", "sqlite://", "sqlite:///:memory:"])
def test_a_database_needs_a_place(url: str) -> None:
    with pytest.raises(SpecError) as caught:
        open_database(url)

    assert caught.value.field == "database"


def test_a_file_that_is_no_database_is_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"a holiday picture" * 100)
    database = open_database(f"sqlite:///{path}")

    with pytest.raises(StorageError):
        database.migrate()

    database.close()
    assert path.read_bytes() == b"a holiday picture" * 100


def test_a_folder_that_does_not_exist_is_a_storage_error(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'nowhere' / 'service.db'}")

    with pytest.raises(StorageError):
        database.check()
    database.close()


def test_a_server_that_is_not_there_is_a_storage_error() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(StorageError):
        database.check()
    database.close()


def test_a_healthy_database_passes_its_check(path: Path) -> None:
    database = open_migrated(path)

    database.check()

    database.close()


def test_a_lock_that_is_never_given_back_becomes_a_storage_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_TIMEOUT_S", 0.05)
    database = open_migrated(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageError, match="another process"):
        database.settings.set("slots", 2)

    assert database.settings.get("slots") is None, "readers are not held up"
    other.execute("ROLLBACK")
    database.settings.set("slots", 3)
    assert database.settings.get("slots") == 3
    other.close()
    database.close()


def test_a_full_disk_is_told_from_a_broken_one_and_nothing_is_lost(path: Path) -> None:
    database = open_migrated(path)
    database.settings.set("slots", 2)
    opened = store.SqliteStore(make_url(f"sqlite:///{path}"), None)

    def write_much() -> None:
        with opened.write() as connection:
            # SQLite's own way to say that a file must not grow.
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.exec_driver_sql("CREATE TABLE large (content BLOB)")
            connection.exec_driver_sql("INSERT INTO large VALUES (zeroblob(1000000))")

    with pytest.raises(DiskFullError):
        write_much()

    opened.close()
    assert database.settings.all() == {"slots": 2}
    database.close()


def test_a_write_that_raises_leaves_nothing_and_the_next_one_works(path: Path) -> None:
    database = open_migrated(path)

    with pytest.raises(InvalidInputError):
        database.settings.set("rate", float("inf"))
    database.settings.set("rate", 1.5)

    assert database.settings.all() == {"rate": 1.5}
    database.close()


def test_a_read_only_file_can_be_read_and_says_that_it_cannot_be_written(path: Path) -> None:
    open_migrated(path).close()
    database = open_database(f"sqlite:///file:{path}?mode=ro&uri=true")

    assert database.models.list("local").items == ()
    with pytest.raises(StorageError):
        database.models.add("local", NewModel(name="m", spec={}, reward_key="r"))
    database.close()


def test_the_file_is_in_wal_mode_and_waits_for_the_disk(path: Path) -> None:
    opened = store.SqliteStore(make_url(f"sqlite:///{path}"), None)

    with opened.write() as connection:
        modes = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    with opened.write(durable=False) as connection:
        relaxed = connection.exec_driver_sql("PRAGMA synchronous").scalar()

    opened.close()
    assert modes == ["wal", 2, 1, 5000]
    assert relaxed == 1
