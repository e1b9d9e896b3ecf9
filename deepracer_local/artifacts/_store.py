"""The seam: what an artifact store promises, and what it says about an artifact."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from deepracer_local.errors import ConflictError, InvalidInputError

DEFAULT_CONTENT_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """Bytes that are in a store. Law: what is under a key never changes, until it is deleted."""

    key: str
    size: int
    """In bytes."""
    sha256: str
    """64 lower-case hexadecimal digits."""
    stored_at: datetime
    """Aware, in UTC."""


Artifacts = list[StoredArtifact]
"""Named here because inside a store ``list`` is the method."""


class ArtifactStore(Protocol):
    """Bytes under keys.

    Laws, for every implementation: a key is written once, and its bytes are whole or not there; what ``put`` returned
    for is there after a crash; ``open(k).read()`` equals what was put; keys are those of ``keys.check_key``; nothing
    outside the store is ever read or written. All methods may be called from several threads.

    Every method raises ``InvalidInputError`` for a malformed key, and ``StorageError`` where the store is out of reach.
    """

    def put(self, key: str, source: bytes | Path, *, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredArtifact:
        """Stores the bytes, or the content of a file, under ``key``. The same bytes again are fine.

        Raises:
            ConflictError: other bytes are stored under this key.
            NotFoundError: ``source`` is a path without a file.
        """

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        """Opens the bytes as a stream, for ``with``.

        Law: it reads ``content[first_byte : last_byte + 1]``; a range beyond the end is empty.

        Args:
            key: of the artifact.
            first_byte: 0-based.
            last_byte: 0-based and inclusive as in HTTP; None for all that follow.

        Raises:
            NotFoundError: there is nothing under this key.
        """

    def stat(self, key: str) -> StoredArtifact:
        """Returns what is known about one artifact.

        Raises:
            NotFoundError: there is nothing under this key.
        """

    def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> Artifacts:
        """Returns, by key, the first ``limit`` artifacts whose keys begin with ``prefix`` and sort behind ``after``.

        The last key of a page is the next page's ``after``.
        """

    def delete(self, key: str) -> None:
        """Removes the artifact; one that is not there is fine."""

    def check(self) -> None:
        """Does a cheap round trip.

        Raises:
            StorageError: the store cannot be used; the message says why.
        """


def other_bytes_error(key: str) -> ConflictError:
    """Returns the error for a second, different content under one key."""
    return ConflictError(
        f"Expected the bytes that are stored under {key!r} already, got others. A key is written once; use a new one."
    )


def blocked_error(key: str) -> ConflictError:
    """Returns the error for a key that something else than an artifact stands in the way of."""
    return ConflictError(
        f"Expected {key!r} to be free, but it is a folder, or a part of it is an artifact or a link. Use another key."
    )


def check_range(first_byte: int, last_byte: int | None) -> None:
    """Checks the range of ``open``.

    Raises:
        InvalidInputError: a position is negative.
    """
    if first_byte < 0 or (last_byte is not None and last_byte < 0):
        raise InvalidInputError(
            f"Expected positions of bytes from 0, got {first_byte} to {last_byte}. Count from the beginning."
        )
