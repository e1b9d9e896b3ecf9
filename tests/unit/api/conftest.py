"""A service of its own for every test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepracer_local.api import Services, create_guarded_app
from deepracer_local.db import open_database
from tests.unit.api.service import OTHER, Caller, Connect, add_token, make_services


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "service.db"
    database = open_database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def services(tmp_path: Path, blank_database: Path) -> Iterator[Services]:
    made = make_services(tmp_path, blank=blank_database)
    yield made
    made.close()


@pytest.fixture
def connect(services: Services) -> Iterator[Connect]:
    own = services
    with asyncio.Runner() as runner:

        def make(token: str | None = None, *, services: Services = own, address: str = "127.0.0.1") -> Caller:
            return Caller(create_guarded_app(services), runner, token=token, address=address)

        yield make


@pytest.fixture
def token(services: Services) -> str:
    return add_token(services.database)


@pytest.fixture
def client(connect: Connect, token: str) -> Caller:
    return connect(token)


@pytest.fixture
def other_client(connect: Connect, services: Services) -> Caller:
    return connect(add_token(services.database, OTHER))
