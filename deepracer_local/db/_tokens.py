"""Access tokens. Only the SHA-256 of a secret is ever stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from deepracer_local.db._nouns import Token
from deepracer_local.db._rows import all_rows, check_id, new_id, one_row, row_or_none, without
from deepracer_local.db._schema import TOKENS
from deepracer_local.db._store import Store
from deepracer_local.errors import NotFoundError

_PRIVATE = ("number", "sha256")


class Tokens:
    """Who may speak for an owner, and what for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, owner: str, *, name: str, sha256: str, scope: str, expires_at: datetime | None = None) -> Token:
        """Returns the new token."""
        with self._store.write() as connection:
            now = self._store.now(connection)
            statement = insert(TOKENS).values(
                id=new_id(), owner=owner, name=name, sha256=sha256, scope=scope, created_at=now, expires_at=expires_at
            )
            row = one_row(connection.execute(statement.returning(TOKENS)))
        return Token.model_validate(without(row, *_PRIVATE))

    def find(self, sha256: str) -> Token | None:
        """Returns the token with this digest; None if there is none, or it is revoked or over."""
        with self._store.read() as connection:
            now = self._store.now(connection)
            query = select(TOKENS).where(
                TOKENS.c.sha256 == sha256,
                TOKENS.c.revoked_at.is_(None),
                or_(TOKENS.c.expires_at.is_(None), TOKENS.c.expires_at > now),
            )
            row = row_or_none(connection.execute(query))
        return None if row is None else Token.model_validate(without(row, *_PRIVATE))

    def touch(self, token_id: str) -> None:
        """Writes that a token has been used now."""
        with self._store.write(durable=False) as connection:
            now = self._store.now(connection)
            connection.execute(update(TOKENS).where(TOKENS.c.id == token_id).values(last_used_at=now))

    def revoke(self, owner: str, token_id: str) -> None:
        """Makes a token worthless for ever; doing it twice is fine.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
        """
        check_id("token", token_id)
        with self._store.write() as connection:
            mine = select(TOKENS.c.revoked_at).where(TOKENS.c.id == token_id, TOKENS.c.owner == owner)
            row = connection.execute(mine.with_for_update()).one_or_none()
            if row is None:
                raise NotFoundError("token", token_id)
            if row.revoked_at is None:
                now = self._store.now(connection)
                connection.execute(update(TOKENS).where(TOKENS.c.id == token_id).values(revoked_at=now))

    def list(self, owner: str) -> Sequence[Token]:
        """Returns somebody's tokens, oldest first, revoked ones too."""
        query = select(TOKENS).where(TOKENS.c.owner == owner).order_by(TOKENS.c.number)
        with self._store.read() as connection:
            return [Token.model_validate(without(row, *_PRIVATE)) for row in all_rows(connection.execute(query))]
