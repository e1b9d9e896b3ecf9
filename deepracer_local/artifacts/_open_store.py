"""From a URL to a store."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from deepracer_local.artifacts._folder import FolderStore
from deepracer_local.artifacts._memory import MemoryStore
from deepracer_local.artifacts._retrying import RetryingStore
from deepracer_local.artifacts._s3 import S3Store
from deepracer_local.artifacts._store import ArtifactStore
from deepracer_local.errors import InvalidInputError, UnknownNameError

SCHEMES = ("file", "memory", "s3")


def open_store(
    url: str,
    *,
    endpoint_url: str | None = None,
    region: str = "us-east-1",
    access_key: str | None = None,
    secret_key: str | None = None,
    addressing_style: Literal["auto", "path", "virtual"] = "auto",
    attempts: int = 5,
) -> ArtifactStore:
    """Returns the store that a URL names.

    ``file:///folder`` is a folder, ``s3://bucket`` or ``s3://bucket/prefix`` a bucket that is asked up to ``attempts``
    times, ``memory://`` a store for tests. The other arguments are for S3; see ``S3Store``.

    Raises:
        UnknownNameError: another scheme.
        InvalidInputError: a URL that does not fit its scheme.
        StorageError: the folder cannot be made.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStore(_folder_of(parts))
    if parts.scheme == "memory":
        return MemoryStore()
    if parts.scheme != "s3":
        raise UnknownNameError("kind of artifact store", parts.scheme, SCHEMES)
    if not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidInputError(
            f"Expected s3://bucket or s3://bucket/prefix, got {url!r}. Keys are given apart from it."
        )
    s3 = S3Store(
        parts.netloc,
        endpoint_url=endpoint_url,
        region=region,
        access_key=access_key,
        secret_key=secret_key,
        addressing_style=addressing_style,
        prefix=parts.path.strip("/"),
    )
    return RetryingStore(s3, attempts=attempts)


def _folder_of(parts: SplitResult) -> Path:
    if parts.netloc or not parts.path.startswith("/") or parts.query or parts.fragment:
        raise InvalidInputError(f"Expected file:///folder, got {parts.geturl()!r}. Give an absolute path.")
    return Path(unquote(parts.path))
