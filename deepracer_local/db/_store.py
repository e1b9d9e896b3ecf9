"""Connections and transactions: the one place that knows which of the two databases it speaks to.

SQLite: one writer at a time. A writer takes the lock at once (``BEGIN IMMEDIATE``) and asks again after a short random
pause where another process has it; SQLite's own waiting pauses for up to 0.1 s, which lets a busy neighbour starve it.
PostgreSQL: ordinary transactions, rows locked in the order job, model, counter.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from deepracer_local.errors import (
    ConflictError,
    DiskFullError,
    InvalidInputError,
    SpecError,
    StorageError,
    UnknownNameError,
)

Clock = Callable[[], datetime]

BUSY_TIMEOUT_S = 5.0
LONGEST_PAUSE_S = 0.005
_MIGRATION_LOCK = 0x6472_6C6D
"""Any number that no other program on the server locks."""
_POSTGRESQL_DISK_FULL = "53100"
_POSTGRESQL = {
    # A server that is gone is noticed within seconds, not after the kernel's two hours.
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}


class BrokenRuleError(ConflictError):
    """The database has refused a change: a name that is taken, a reference to nothing, a final state left."""


class Store(Protocol):
    """Transactions on one of the databases."""

    engine: Engine

    def now(self, connection: Connection) -> datetime:
        """Returns the present time, by the clock that all workers share."""
        ...

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that changes nothing."""
        ...

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that commits at the end of the block.

        Args:
            durable: False where a power failure may take back the last commits: progress, heartbeats.
        """
        ...

    @contextmanager
    def migration(self) -> Iterator[Connection]:
        """A transaction that changes tables, while no other process does."""
        ...

    def close(self) -> None:
        """Closes every connection."""
        ...


class SqliteStore:
    """One file on this machine."""

    def __init__(self, url: URL, clock: Clock | None) -> None:
        self.engine = create_engine(url, pool_size=10, max_overflow=50, connect_args={"timeout": BUSY_TIMEOUT_S})
        self._clock = clock or _wall_clock
        self._turn = threading.Lock()
        event.listen(self.engine, "connect", _set_up_sqlite)
        event.listen(self.engine, "begin", _begin_sqlite)

    def now(self, connection: Connection) -> datetime:
        """Returns the present time of the injected clock, or of this machine."""
        return self._clock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the file."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that holds the file's write lock from its first moment."""
        # Threads of one process queue here, where waiting is fair and costs nothing.
        with _translated(), self._turn, self.engine.connect() as connection:
            options = {"sqlite_begin": "IMMEDIATE", "sqlite_synchronous": "FULL" if durable else "NORMAL"}
            with connection.execution_options(**options).begin():
                yield connection

    @contextmanager
    def migration(self) -> Iterator[Connection]:
        """A write transaction in which tables may be replaced although others refer to them."""
        with _translated(), self._turn, self.engine.connect() as connection:
            driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
            driver.execute("PRAGMA foreign_keys = OFF")
            try:
                options = {"sqlite_begin": "IMMEDIATE", "sqlite_synchronous": "FULL"}
                with connection.execution_options(**options).begin():
                    yield connection
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if broken:
                        raise StorageError(f"Expected every reference to hold, got {broken[:3]}. Report this.")
            finally:
                driver.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


class PostgresqlStore:
    """A server."""

    def __init__(self, url: URL, clock: Clock | None) -> None:
        asked = {name: value for name, value in _POSTGRESQL.items() if name not in url.query}
        self.engine = create_engine(
            url, pool_size=10, max_overflow=30, pool_timeout=10, pool_pre_ping=True, connect_args=asked
        )
        self._clock = clock

    def now(self, connection: Connection) -> datetime:
        """Returns the present time of the injected clock, or of the server."""
        if self._clock is not None:
            return self._clock()
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that changes nothing."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that commits at the end of the block."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            if not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            yield connection

    @contextmanager
    def migration(self) -> Iterator[Connection]:
        """A write transaction under a lock that every migrating process asks for."""
        with self.write() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout TO 0")
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            yield connection

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def open_store(url: str, clock: Clock | None) -> Store:
    """Returns the store at ``url``; connects when it is first used.

    Raises:
        UnknownNameError: another kind of database.
        SpecError: no URL, SQLite without a file, or PostgreSQL without its driver.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as err:
        raise SpecError(
            f"Expected a database URL such as sqlite:///folder/service.db, got {url!r}. Correct it.", field="database"
        ) from err
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        if parsed.database in {None, "", ":memory:"}:
            raise SpecError(
                f"Expected a file, because other processes read it too, got {url!r}. Write sqlite:///path/to/file.",
                field="database",
            )
        return SqliteStore(parsed.set(drivername="sqlite"), clock)
    if kind in {"postgresql", "postgres"}:
        try:
            return PostgresqlStore(parsed.set(drivername="postgresql+psycopg"), clock)
        except ModuleNotFoundError as err:
            raise SpecError(
                "Expected PostgreSQL's driver psycopg, but it is not installed. "
                "Run: pip install 'deepracer-local[postgresql]'.",
                field="database",
            ) from err
    raise UnknownNameError("kind of database", kind, ["sqlite", "postgresql"])


def _wall_clock() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _set_up_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    driver = cast("sqlite3.Connection", connection)
    driver.isolation_level = None  # the driver would begin transactions by itself, and later than we want
    driver.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
    _retry_while_busy(driver, "PRAGMA journal_mode = WAL")
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("PRAGMA journal_size_limit = 16777216")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    # Straight to the driver: these come with every transaction, and the library takes longer over them than SQLite.
    driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    if options.get("sqlite_begin") != "IMMEDIATE":
        driver.execute("BEGIN")
        return
    driver.execute(f"PRAGMA synchronous = {options['sqlite_synchronous']}")
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        _retry_while_busy(driver, "BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")


def _retry_while_busy(driver: sqlite3.Connection, statement: str) -> None:
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            driver.execute(statement)
        except sqlite3.OperationalError as err:
            if err.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise StorageError(f"Expected to write to the database, got: {err}. Look at its disk.") from err
            if time.monotonic() > deadline:
                raise StorageError(
                    f"Expected the database's write lock within {BUSY_TIMEOUT_S:g} s, but another process holds it. "
                    "Try again, and look for a process that is stuck."
                ) from err
            time.sleep(random.uniform(0.0005, LONGEST_PAUSE_S))
        else:
            return


def _is_disk_full(cause: Any) -> bool:
    # Only errors that come from SQLite itself have the one, only the server's have the other.
    is_full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return is_full or getattr(cause, "sqlstate", None) == _POSTGRESQL_DISK_FULL


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the library's errors into ours."""
    try:
        yield
    except IntegrityError as err:
        raise BrokenRuleError(
            f"Expected a change that keeps the database's rules, but: {err.orig}. Look at what is there first."
        ) from err
    except DataError as err:
        raise InvalidInputError(f"Expected values that the database can hold, got: {err.orig}. Correct them.") from err
    except (DBAPIError, PoolTimeoutError) as err:
        cause: Any = err.orig if isinstance(err, DBAPIError) else err
        if _is_disk_full(cause):
            raise DiskFullError(f"Expected room for the database, got: {cause}. Make room on its disk.") from err
        raise StorageError(f"Expected an answer of the database, got: {cause}. Look whether it is up.") from err
    except (StatementError, UnicodeEncodeError, OverflowError) as err:
        raise InvalidInputError(f"Expected values that the database can hold, got: {err}. Correct them.") from err
