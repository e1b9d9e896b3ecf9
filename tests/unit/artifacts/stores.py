"""Stores that fail in chosen ways."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from deepracer_local.artifacts import ArtifactStore, Spool, StoredArtifact
from deepracer_local.errors import ConflictError, StorageError

MALFORMED = {
    "empty": "",
    "parent": "..",
    "parent at the start": "../x",
    "parent inside": "a/../../x",
    "here": "a/./x",
    "absolute": "/etc/passwd",
    "trailing slash": "a/",
    "double slash": "a//x",
    "backslash": "..\\x",
    "NUL": "a\0b",
    "newline": "a\nb",
    "newline at the end": "a\n",
    "space": "a b",
    "percent": "%2e%2e/x",
    "tilde": "~partial/x",
    "one dot leader": "․․/x",
    "fullwidth full stop": "．．/x",
    "fullwidth solidus": "a／x",
    "letter beyond ASCII": "é",
    "digit beyond ASCII": "١",
    "surrogate": "\udcff",
    "long key": "/".join(["a" * 63] * 9),
    "long segment": "a" * 256,
    "drive": "c:/x",
}
"""What looks like a key and is none."""


class Failing:
    """Fails as long as it has failures left; ``is_done`` says whether it did what was asked before."""

    def __init__(self, store: ArtifactStore, *, failures: int = 0, is_done: bool = False, every_second: bool = False):
        self.store = store
        self.failures = failures
        self.is_done = is_done
        self.every_second = every_second
        self.calls: list[str] = []

    def put(self, key: str, source: bytes | Path, *, content_type: str = "application/octet-stream") -> StoredArtifact:
        if self.is_done:
            self.store.put(key, source, content_type=content_type)
        self._fail("put", key)
        return self.store.put(key, source, content_type=content_type)

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        self._fail("open", key)
        return self.store.open(key, first_byte=first_byte, last_byte=last_byte)

    def stat(self, key: str) -> StoredArtifact:
        self._fail("stat", key)
        return self.store.stat(key)

    def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> list[StoredArtifact]:
        self._fail("list", prefix)
        return self.store.list(prefix, after=after, limit=limit)

    def delete(self, key: str) -> None:
        if self.is_done:
            self.store.delete(key)
        self._fail("delete", key)
        self.store.delete(key)

    def check(self) -> None:
        if not self.every_second:
            self._fail("check", "")
        self.store.check()

    def _fail(self, what: str, key: str) -> None:
        self.calls.append(f"{what} {key}".strip())
        if self.every_second:
            self.failures = len(self.calls) % 2
        if self.failures:
            self.failures -= 1
            raise StorageError("Expected an answer, got none.")


class EagerSpool(Spool):
    """A spool whose entries are uploaded at once."""

    def put(self, key: str, source: bytes | Path, *, content_type: str = "application/octet-stream") -> StoredArtifact:
        stored = super().put(key, source, content_type=content_type)
        self.drain()
        if stored in self.refused():
            raise ConflictError("Expected the bytes that are stored already, got others.")
        return stored
