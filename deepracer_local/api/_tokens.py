"""Tokens as the database keeps them, remembered for a second so that not every request asks it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from deepracer_local.api._auth import Identity, token_hash
from deepracer_local.db import Database

REMEMBERED_S = 1.0
MAX_REMEMBERED = 1_000


class DatabaseAuthenticator:
    """Knows a token by its hash. A revoked one is refused after a second at the latest."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._remembered: dict[str, tuple[Identity | None, float]] = {}

    async def identify(self, token: str) -> Identity | None:
        """Returns who the token belongs to, or None where it is unknown, expired or revoked.

        Raises:
            StorageError: the database cannot be reached.
        """
        sha256, now = token_hash(token), self._clock()
        with self._lock:
            known = self._remembered.get(sha256)
        if known is not None and now < known[1]:
            return known[0]
        found = await run_in_threadpool(self._database.tokens.find, sha256)
        identity = Identity(found.owner, frozenset(found.scope.split())) if found is not None else None
        with self._lock:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[sha256] = (identity, now + REMEMBERED_S)
        return identity
