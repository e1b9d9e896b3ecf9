"""Brings the tables of a database to the form that this version of the program wants."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from deepracer_local.db._store import Store
from deepracer_local.errors import StorageError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0004"
"""The newest revision in ``migrations/versions``."""


def migrate(store: Store) -> None:
    """Upgrades to ``HEAD``: all of it or nothing, and by one process at a time."""
    with store.read() as connection:
        if revision(connection) == HEAD:
            return
    with store.migration() as connection:
        # Alembic takes 0.1 s to load; a service that starts on an up-to-date database does not need it.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415
        from alembic.script import ScriptDirectory  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        present = revision(connection)
        if present is not None and present not in known:
            raise StorageError(
                f"Expected a database of this version or an older one, got revision {present!r}. "
                "A newer version of the program has used it; install that one."
            )
        command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """Returns the revision of the tables; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
