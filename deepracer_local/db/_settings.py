"""Settings that users change while the service runs, as JSON values under dotted keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from deepracer_local.db._schema import SETTINGS
from deepracer_local.db._store import BrokenRuleError, Store

SLOTS_SETTING = "slots"
"""How many jobs each runner runs side by side; unset, it is what the runner was started with."""


class StoredSettings:
    """One value for each key, for the whole service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Any:
        """Returns the JSON value of a key; None where it has never been set."""
        with self._store.read() as connection:
            return connection.execute(select(SETTINGS.c.value).where(SETTINGS.c.key == key)).scalar_one_or_none()

    def all(self) -> dict[str, Any]:
        """Returns every key that has been set, with its value."""
        with self._store.read() as connection:
            rows = connection.execute(select(SETTINGS.c.key, SETTINGS.c.value).order_by(SETTINGS.c.key)).all()
        return {row.key: row.value for row in rows}

    def set(self, key: str, value: Any) -> None:
        """Sets a key; the last one wins, and None takes the key away."""
        try:
            self._write(key, value)
        except BrokenRuleError:
            # Somebody else has set a new key at the same moment: now there is a row to change.
            self._write(key, value)

    def _write(self, key: str, value: Any) -> None:
        with self._store.write() as connection:
            values = {"value": value, "updated_at": self._store.now(connection)}
            here = SETTINGS.c.key == key
            if value is None:
                connection.execute(delete(SETTINGS).where(here))
            elif connection.execute(update(SETTINGS).where(here).values(values)).rowcount == 0:
                connection.execute(insert(SETTINGS).values(key=key, **values))
