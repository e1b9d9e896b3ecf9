"""The tracks that owners have brought; their files are in the artifact store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from deepracer_local.db._nouns import StoredTrack
from deepracer_local.db._rows import all_rows, check_id, new_id, one_row, row_or_none, without
from deepracer_local.db._schema import TRACKS
from deepracer_local.db._store import BrokenRuleError, Store
from deepracer_local.errors import ConflictError, NotFoundError


class Tracks:
    """Uploaded tracks, by name and owner."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, owner: str, name: str, key: str, fields: dict[str, Any]) -> StoredTrack:
        """Returns the new track.

        Raises:
            ConflictError: the owner has a track of this name.
        """
        try:
            with self._store.write() as connection:
                now = self._store.now(connection)
                statement = insert(TRACKS).values(
                    id=new_id(), owner=owner, name=name, key=key, fields=fields, created_at=now
                )
                row = one_row(connection.execute(statement.returning(TRACKS)))
        except BrokenRuleError as err:
            raise ConflictError(f"Expected a new name, but there is a track {name!r}. Choose another one.") from err
        return StoredTrack.model_validate(without(row, "number"))

    def list(self, owner: str) -> Sequence[StoredTrack]:
        """Returns somebody's tracks by name."""
        query = select(TRACKS).where(TRACKS.c.owner == owner).order_by(TRACKS.c.name)
        with self._store.read() as connection:
            rows = all_rows(connection.execute(query))
        return [StoredTrack.model_validate(without(row, "number")) for row in rows]

    def get(self, owner: str, track_id: str) -> StoredTrack:
        """Returns a track.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
        """
        check_id("track", track_id)
        query = select(TRACKS).where(TRACKS.c.id == track_id, TRACKS.c.owner == owner)
        with self._store.read() as connection:
            row = row_or_none(connection.execute(query))
        if row is None:
            raise NotFoundError("track", track_id)
        return StoredTrack.model_validate(without(row, "number"))

    def delete(self, owner: str, track_id: str) -> None:
        """Deletes a track; its file stays in the artifact store.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
        """
        check_id("track", track_id)
        with self._store.write() as connection:
            gone = delete(TRACKS).where(TRACKS.c.id == track_id, TRACKS.c.owner == owner).returning(TRACKS.c.id)
            if connection.execute(gone).first() is None:
                raise NotFoundError("track", track_id)
