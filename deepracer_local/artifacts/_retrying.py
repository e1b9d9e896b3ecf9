"""A store that tries again."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import BinaryIO, TypeVar

from deepracer_local.artifacts._store import DEFAULT_CONTENT_TYPE, Artifacts, ArtifactStore, StoredArtifact
from deepracer_local.artifacts._streams import CountedReader
from deepracer_local.errors import InvalidInputError, StorageError

T = TypeVar("T")

_FIRST_DELAY_S = 0.2
_LONGEST_DELAY_S = 5.0

log = logging.getLogger(__name__)


class RetryingStore:
    """An ``ArtifactStore`` around another that tries again after a ``StorageError``, and after no other error.

    That is right because everything a store does can be done twice: a ``put`` that was done but not answered finds its
    own bytes. A stream that breaks goes on where it broke. Between two tries it waits a random share of 0.2, 0.4, 0.8,
    ... up to 5 seconds, so that many clients do not come back at once.

    Args:
        store: the other one.
        attempts: how often it tries in all.
        sleep: waits so many seconds.
        random: returns a number in [0, 1).

    Raises:
        InvalidInputError: less than one attempt.
    """

    def __init__(
        self,
        store: ArtifactStore,
        *,
        attempts: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        if attempts < 1:
            raise InvalidInputError(f"Expected at least 1 attempt, got {attempts}. Give 1 for no second try.")
        self._store = store
        self._attempts = attempts
        self._sleep = sleep
        self._random = random

    def put(self, key: str, source: bytes | Path, *, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredArtifact:
        """See ``ArtifactStore``."""
        return self._try("put", key, lambda: self._store.put(key, source, content_type=content_type))

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        """See ``ArtifactStore``."""
        stream = _Stream(self._store, key, first_byte, last_byte)
        self._try("open", key, stream.connect)
        return CountedReader(
            lambda n: self._try("read", key, lambda: stream.read(n)), close=stream.disconnect
        ).buffered()

    def stat(self, key: str) -> StoredArtifact:
        """See ``ArtifactStore``."""
        return self._try("stat", key, lambda: self._store.stat(key))

    def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> Artifacts:
        """See ``ArtifactStore``."""
        return self._try("list", prefix, lambda: self._store.list(prefix, after=after, limit=limit))

    def delete(self, key: str) -> None:
        """See ``ArtifactStore``."""
        self._try("delete", key, lambda: self._store.delete(key))

    def check(self) -> None:
        """See ``ArtifactStore``; tries once, for it asks how things are now."""
        self._store.check()

    def _try(self, what: str, key: str, action: Callable[[], T]) -> T:
        for attempt in range(1, self._attempts):
            try:
                return action()
            except StorageError as err:
                delay_s = self._random() * min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2 ** (attempt - 1))
                log.info(
                    "artifact.retry",
                    extra={"action": what, "key": key, "attempt": attempt, "delay_s": delay_s, "error": str(err)},
                )
                self._sleep(delay_s)
        return action()


class _Stream:
    """A stream that can be connected again at the byte where it broke."""

    def __init__(self, store: ArtifactStore, key: str, first_byte: int, last_byte: int | None) -> None:
        self._store = store
        self._key = key
        self._position = first_byte
        self._last_byte = last_byte
        self._stack = ExitStack()
        self._source: BinaryIO | None = None

    def connect(self) -> BinaryIO:
        if self._source is None:
            opened = self._store.open(self._key, first_byte=self._position, last_byte=self._last_byte)
            self._source = self._stack.enter_context(opened)
        return self._source

    def read(self, n: int) -> bytes:
        try:
            content = self.connect().read(n)
        except StorageError:
            self.disconnect()
            raise
        self._position += len(content)
        return content

    def disconnect(self) -> None:
        self._source = None
        self._stack.close()
