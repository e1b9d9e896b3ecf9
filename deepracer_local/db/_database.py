"""The database as the rest of the program sees it: one attribute for each noun."""

from __future__ import annotations

from sqlalchemy import text

from deepracer_local.db._artifacts import Artifacts
from deepracer_local.db._events import Events
from deepracer_local.db._jobs import Jobs
from deepracer_local.db._logs import Logs
from deepracer_local.db._migrate import migrate
from deepracer_local.db._models import Models
from deepracer_local.db._progress import Progress
from deepracer_local.db._settings import StoredSettings
from deepracer_local.db._store import Clock, Store, open_store
from deepracer_local.db._tokens import Tokens
from deepracer_local.db._tracks import Tracks


class Database:
    """Everything that has to be remembered. May be used by any number of threads; not across a fork."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.models = Models(store)
        self.jobs = Jobs(store)
        self.progress = Progress(store)
        self.logs = Logs(store)
        self.artifacts = Artifacts(store)
        self.tracks = Tracks(store)
        self.events = Events(store)
        self.tokens = Tokens(store)
        self.settings = StoredSettings(store)

    @property
    def is_file(self) -> bool:
        """Whether it is a file of this machine: reading a few rows then takes less than handing the work over."""
        return self._store.engine.dialect.name == "sqlite"

    def migrate(self) -> None:
        """Brings the tables to this version's form, from nothing or from any released one. Twice is fine.

        Raises:
            StorageError: the database cannot be reached, or a newer version of the program has changed it.
        """
        migrate(self._store)

    def check(self) -> None:
        """Returns if the database answers.

        Raises:
            StorageError: it does not.
        """
        with self._store.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Closes every connection."""
        self._store.close()


def open_database(url: str, *, clock: Clock | None = None) -> Database:
    """Returns the database at ``url``; it connects when it is first used, and migrates only when told to.

    Args:
        url: ``sqlite:///path/to/file``, or ``postgresql://user@host/name``.
        clock: what time it is; by default the machine's for SQLite, the server's for PostgreSQL.

    Raises:
        UnknownNameError: another kind of database.
        SpecError: no URL, SQLite without a file, or PostgreSQL without its driver.
    """
    return Database(open_store(url, clock))
