"""A manifest names artifacts that belong together, with sizes and hashes; it is written after all of them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from deepracer_local.artifacts._store import ArtifactStore, StoredArtifact
from deepracer_local.artifacts._streams import CHUNK_BYTES, sha256_of
from deepracer_local.artifacts.keys import check_key
from deepracer_local.errors import InvalidInputError, NotFoundError, StorageError

MAX_MANIFEST_BYTES = 1 << 20


def _checked(key: str) -> str:
    try:
        return check_key(key)
    except InvalidInputError as err:
        raise ValueError(str(err)) from err


# File names obey the rule of keys too: they are joined to a folder when a manifest is fetched.
_Key = Annotated[str, AfterValidator(_checked)]


class ManifestEntry(BaseModel):
    """One artifact of a manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: _Key
    size: int = Field(ge=0, description="in bytes")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """Artifacts that belong together, by the names of their files. Law: written to a store it reads back equal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    entries: dict[_Key, ManifestEntry]

    @classmethod
    def of(cls, artifacts: Mapping[str, StoredArtifact]) -> Manifest:
        """Returns the manifest of stored artifacts, given by file name."""
        return cls(
            entries={
                name: ManifestEntry(key=artifact.key, size=artifact.size, sha256=artifact.sha256)
                for name, artifact in sorted(artifacts.items())
            }
        )


def write_manifest(store: ArtifactStore, key: str, manifest: Manifest) -> StoredArtifact:
    """Stores a manifest; equal manifests are equal bytes.

    Raises:
        ConflictError: another one is stored under this key.
    """
    content = manifest.model_dump_json(indent=2).encode() + b"\n"
    return store.put(key, content, content_type="application/json")


def read_manifest(store: ArtifactStore, key: str) -> Manifest:
    """Returns a stored manifest.

    Raises:
        NotFoundError: there is none, which means that what it would name is not complete.
        StorageError: it is damaged.
    """
    with store.open(key, last_byte=MAX_MANIFEST_BYTES) as stream:
        content = stream.read()
    if len(content) > MAX_MANIFEST_BYTES:
        raise StorageError(f"Expected a manifest under {key!r}, got more than {MAX_MANIFEST_BYTES} bytes.")
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as err:
        raise StorageError(f"Expected a manifest under {key!r}, got: {err}. Use an earlier checkpoint.") from err


def verify(store: ArtifactStore, manifest: Manifest) -> list[str]:
    """Reads everything that a manifest names; returns the file names of what is missing or differs. Empty is whole.

    Raises:
        StorageError: the store is out of reach, which says nothing about the artifacts.
    """
    return [name for name, entry in manifest.entries.items() if not _is_whole(store, entry)]


def fetch(store: ArtifactStore, manifest: Manifest, folder: Path) -> None:
    """Copies everything that a manifest names into ``folder``, under the names of its files.

    A file appears when it is complete and its hash is right.

    Raises:
        StorageError: something is missing or differs, or the store or the disk is out of reach.
    """
    for name, entry in manifest.entries.items():
        _fetch_one(store, entry, folder / name)


def _is_whole(store: ArtifactStore, entry: ManifestEntry) -> bool:
    try:
        with store.open(entry.key) as stream:
            return sha256_of(stream) == entry.sha256
    except NotFoundError:
        return False


def _fetch_one(store: ArtifactStore, entry: ManifestEntry, target: Path) -> None:
    draft = target.with_name(f".{secrets.token_hex(8)}.tmp")
    digest = sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with store.open(entry.key) as stream, draft.open("wb") as file:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() == entry.sha256:
            draft.replace(target)
            return
    except NotFoundError as err:
        raise _damaged(entry.key) from err
    except OSError as err:
        raise StorageError(f"Expected to write {target}, got: {err.strerror}. Check the disk.") from err
    finally:
        with suppress(OSError):
            draft.unlink()
    raise _damaged(entry.key)


def _damaged(key: str) -> StorageError:
    return StorageError(f"Expected the bytes under {key!r} that its manifest names, got others. Use an earlier one.")
