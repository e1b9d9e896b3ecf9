"""The two databases, each new for every test, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deepracer_local.db import Database, open_database
from tests.postgres import new_postgres_database


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database = open_database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Iterator[str]:
    """The URL of a migrated database without rows."""
    if request.param == "sqlite":
        path = tmp_path / "service.db"
        path.write_bytes(migrated_file.read_bytes())
        yield f"sqlite:///{path}"
    else:
        with new_postgres_database() as url:
            yield url


@pytest.fixture
def database(database_url: str, clock: FakeClock) -> Iterator[Database]:
    """A migrated database without rows, on the fake clock."""
    opened = open_database(database_url, clock=clock)
    yield opened
    opened.close()
