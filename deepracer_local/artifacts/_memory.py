"""Artifacts in a dictionary, for tests."""

from __future__ import annotations

import hashlib
import io
import threading
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from deepracer_local.artifacts._store import (
    DEFAULT_CONTENT_TYPE,
    Artifacts,
    StoredArtifact,
    check_range,
    other_bytes_error,
)
from deepracer_local.artifacts._streams import open_source
from deepracer_local.artifacts.keys import check_key, check_prefix
from deepracer_local.errors import NotFoundError


class MemoryStore:
    """An ``ArtifactStore`` that forgets everything with its process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._artifacts: dict[str, tuple[StoredArtifact, bytes]] = {}

    def put(self, key: str, source: bytes | Path, *, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredArtifact:
        """See ``ArtifactStore``; the content type is not kept."""
        check_key(key)
        with open_source(source) as stream:
            content = stream.read()
        fresh = StoredArtifact(key, len(content), hashlib.sha256(content).hexdigest(), datetime.now(UTC))
        with self._lock:
            stored, _ = self._artifacts.setdefault(key, (fresh, content))
        if stored.sha256 != fresh.sha256:
            raise other_bytes_error(key)
        return stored

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        """See ``ArtifactStore``."""
        check_range(first_byte, last_byte)
        _, content = self._find(key)
        return io.BytesIO(content[first_byte : None if last_byte is None else last_byte + 1])

    def stat(self, key: str) -> StoredArtifact:
        """See ``ArtifactStore``."""
        return replace(self._find(key)[0])

    def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> Artifacts:
        """See ``ArtifactStore``."""
        check_prefix(prefix)
        check_prefix(after)
        with self._lock:
            keys = sorted(key for key in self._artifacts if key.startswith(prefix) and key > after)
            return [self._artifacts[key][0] for key in keys[:limit]]

    def delete(self, key: str) -> None:
        """See ``ArtifactStore``."""
        with self._lock:
            self._artifacts.pop(check_key(key), None)

    def check(self) -> None:
        """See ``ArtifactStore``; memory is always there."""

    def _find(self, key: str) -> tuple[StoredArtifact, bytes]:
        with self._lock:
            try:
                return self._artifacts[check_key(key)]
            except KeyError:
                raise NotFoundError("artifact", key) from None
