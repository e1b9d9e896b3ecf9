"""Artifacts in a bucket of any S3 server."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from deepracer_local.artifacts._store import (
    DEFAULT_CONTENT_TYPE,
    Artifacts,
    StoredArtifact,
    blocked_error,
    check_range,
    other_bytes_error,
)
from deepracer_local.artifacts._streams import CHUNK_BYTES, open_source, sha256_of
from deepracer_local.artifacts.keys import check_key, check_prefix
from deepracer_local.errors import InvalidInputError, NotFoundError, StorageError

if TYPE_CHECKING:
    from deepracer_local.artifacts._bucket import Head

MAX_OBJECT_BYTES = 5 * 2**30
"""What S3 takes in one request. Nothing is sent in parts: parts of a broken upload would stay and cost."""

_HEADS_AT_ONCE = 8
_CONNECT_TIMEOUT_S = 3.0


class S3Store:
    """An ``ArtifactStore`` in a bucket, which several hosts may share.

    The hash is kept beside each object as metadata. Immutability does not depend on the server: what is there is looked
    at before and after writing. Where the server knows ``If-None-Match``, it also holds against two writers at once.

    Args:
        bucket: its name; it has to exist.
        endpoint_url: of the server; None for AWS.
        region: of the bucket.
        access_key: None, with ``secret_key``, for unsigned requests. Credentials are never looked up elsewhere.
        secret_key: belongs to ``access_key``.
        addressing_style: ``path`` for ``host/bucket/key``, ``virtual`` for ``bucket.host/key``.
        prefix: put before every key, with a slash; empty for none.
        timeout_s: how long the server may be silent; a connection gets 3 s of it at most.

    Raises:
        InvalidInputError: a malformed prefix, or one credential without the other.
        StorageError: the endpoint is no URL.
    """

    def __init__(
        self,
        bucket: str,
        *,
        endpoint_url: str | None = None,
        region: str = "us-east-1",
        access_key: str | None = None,
        secret_key: str | None = None,
        addressing_style: Literal["auto", "path", "virtual"] = "auto",
        prefix: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        # boto3 takes 0.2 s and 25 MB to load, and a store in a folder needs none of it.
        from deepracer_local.artifacts._bucket import Bucket, Endpoint  # noqa: PLC0415

        if (access_key is None) != (secret_key is None):
            raise InvalidInputError("Expected an access key and its secret key, got one of them. Give both, or none.")
        self._start = f"{check_key(prefix)}/" if prefix else ""
        self._bucket = Bucket(
            bucket,
            Endpoint(
                url=endpoint_url,
                region=region,
                access_key=access_key,
                secret_key=secret_key,
                addressing_style=addressing_style,
                connect_timeout_s=min(timeout_s, _CONNECT_TIMEOUT_S),
                read_timeout_s=timeout_s,
            ),
        )

    def put(self, key: str, source: bytes | Path, *, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredArtifact:
        """See ``ArtifactStore``."""
        name = self._start + check_key(key)
        with open_source(source) as content:
            sha256, md5 = _hashes(content)
            head = self._bucket.head(name)
            if head is None:
                is_new = self._bucket.put(name, content, sha256=sha256, md5=md5, content_type=content_type)
                # What counts is what is there: an earlier try may have done it unheard, or another writer was faster.
                head = self._bucket.head(name)
                if head is None:
                    raise _vanished_error(key) if is_new else blocked_error(key)
        stored = self._artifact(key, head)
        if stored.sha256 != sha256:
            raise other_bytes_error(key)
        return stored

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        """See ``ArtifactStore``."""
        check_range(first_byte, last_byte)
        if last_byte is not None and last_byte < first_byte:
            # HTTP has no empty range; a server would send everything.
            first_byte, last_byte = MAX_OBJECT_BYTES, None
        is_whole = first_byte == 0 and last_byte is None
        wanted = None if is_whole else f"bytes={first_byte}-{'' if last_byte is None else last_byte}"
        stream = self._bucket.get(self._start + check_key(key), wanted)
        if stream is None:
            raise NotFoundError("artifact", key)
        return stream

    def stat(self, key: str) -> StoredArtifact:
        """See ``ArtifactStore``."""
        head = self._bucket.head(self._start + check_key(key))
        if head is None:
            raise NotFoundError("artifact", key)
        return self._artifact(key, head)

    def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> Artifacts:
        """See ``ArtifactStore``; asks for all names below ``prefix``, and for the hash of each artifact of the page.

        The server's own paging is not used for ours, because servers differ in the order of names.
        """
        check_prefix(after)
        names = self._bucket.names(self._start + check_prefix(prefix))
        keys = sorted(key for key in (name[len(self._start) :] for name in names) if key > after)[:limit]
        with ThreadPoolExecutor(_HEADS_AT_ONCE) as pool:
            found = pool.map(self._find, keys)
            return [artifact for artifact in found if artifact is not None]

    def delete(self, key: str) -> None:
        """See ``ArtifactStore``."""
        self._bucket.delete(self._start + check_key(key))

    def check(self) -> None:
        """See ``ArtifactStore``; takes at most 3 s and ``timeout_s``, for each address of the server."""
        self._bucket.check()

    def _find(self, key: str) -> StoredArtifact | None:
        head = self._bucket.head(self._start + key)
        return None if head is None else self._artifact(key, head)

    def _artifact(self, key: str, head: Head) -> StoredArtifact:
        sha256 = head.sha256
        if sha256 is None:
            with self.open(key) as stream:
                sha256 = sha256_of(stream)
        return StoredArtifact(key, head.size, sha256, head.stored_at)


def _vanished_error(key: str) -> StorageError:
    return StorageError(f"Expected {key!r} to be stored, but the server does not have it. Try again.")


def _hashes(content: BinaryIO) -> tuple[str, bytes]:
    """Returns SHA-256 and MD5 of a stream, and goes back to its beginning."""
    size = content.seek(0, os.SEEK_END)
    if size > MAX_OBJECT_BYTES:
        raise InvalidInputError(f"Expected at most {MAX_OBJECT_BYTES} bytes, got {size}. Store it in several parts.")
    content.seek(0)
    # MD5 guards against accidents on the way, not against attackers; it is what every S3 server can compare.
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    while chunk := content.read(CHUNK_BYTES):
        sha256.update(chunk)
        md5.update(chunk)
    content.seek(0)
    return sha256.hexdigest(), md5.digest()
