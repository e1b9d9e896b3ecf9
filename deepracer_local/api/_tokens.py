"""Tokens as the database keeps them, remembered for a second so that not every request asks it."""

from __future__ import annotations

import asyncio
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
        self._remembered: dict[str, tuple[Identity | None, float]] = {}
        self._looking: dict[str, asyncio.Task[Identity | None]] = {}

    async def identify(self, token: str) -> Identity | None:
        """Returns who the token belongs to, or None where it is unknown, expired or revoked.

        Raises:
            StorageError: the database cannot be reached.
        """
        sha256, now = token_hash(token), self._clock()
        known = self._remembered.get(sha256)
        if known is not None and now < known[1]:
            return known[0]
        looking = self._looking.get(sha256)
        if looking is None:
            # Many requests come with one token: when it is forgotten, one of them asks for all.
            looking = self._looking[sha256] = asyncio.create_task(self._look_up(sha256))
        return await asyncio.shield(looking)

    async def _look_up(self, sha256: str) -> Identity | None:
        asked_at = self._clock()
        try:
            found = await run_in_threadpool(self._database.tokens.find, sha256)
        finally:
            del self._looking[sha256]
        identity = Identity(found.owner, frozenset(found.scope.split())) if found is not None else None
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[sha256] = (identity, asked_at + REMEMBERED_S)
        return identity
