"""Artifacts that wait on the local disk until the store takes them.

    <folder>/000000000017-5f0c9a2e/entry.json     key, size, hash, content type
    <folder>/000000000017-5f0c9a2e/content        the bytes
    <folder>/refused/...                          entries that the store refused for good

An entry gets its name when it is complete and on the disk, and loses its folder when the store has it. Entries are
uploaded in the order in which they were put, so that a manifest never arrives before what it names.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from deepracer_local.artifacts._store import (
    DEFAULT_CONTENT_TYPE,
    Artifacts,
    ArtifactStore,
    StoredArtifact,
    check_range,
    other_bytes_error,
)
from deepracer_local.artifacts._streams import CHUNK_BYTES, CountedReader, disk_error, open_source, sha256_of
from deepracer_local.artifacts.keys import check_key, check_prefix
from deepracer_local.errors import InvalidInputError, StorageError

_ENTRY = "entry.json"
_CONTENT = "content"
_REFUSED = "refused"
_DRAFT = "~"
_DRAFT_LIFETIME_S = 24 * 3600.0

log = logging.getLogger(__name__)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    size: int
    sha256: str
    content_type: str
    stored_at: AwareDatetime

    @property
    def artifact(self) -> StoredArtifact:
        return StoredArtifact(self.key, self.size, self.sha256, self.stored_at)


_Entries = list[tuple[str, _Entry]]


class Spool:
    """An ``ArtifactStore`` in front of another: putting needs the local disk only, reading finds both.

    The folder survives the process. One process drains it; others may read through a spool of their own on the same
    folder. Putting looks at pending keys only: whether the store holds other bytes turns out when the entry is drained.

    Args:
        folder: where entries wait; it is made where it is missing.
        store: where they go.

    Raises:
        StorageError: the folder cannot be made.
    """

    def __init__(self, folder: Path, store: ArtifactStore) -> None:
        self.folder = folder
        self._store = store
        self._naming = threading.Lock()
        self._draining = threading.Lock()
        self._known: dict[str, _Entry] = {}
        with self._disk():
            folder.mkdir(parents=True, exist_ok=True)
            self._sweep()

    def put(self, key: str, source: bytes | Path, *, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredArtifact:
        """See ``ArtifactStore``; returns when the bytes are on the local disk."""
        check_key(key)
        draft = self.folder / f"{_DRAFT}{secrets.token_hex(16)}"
        with open_source(source) as stream, self._disk():
            try:
                entry = _write_entry(draft, key, stream, content_type)
                with self._naming:
                    return self._name(draft, entry).artifact
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        """See ``ArtifactStore``; reads the local copy while it is pending."""
        check_range(first_byte, last_byte)
        pending = self._find(key)
        if pending is not None:
            with self._disk(), suppress(FileNotFoundError):  # drained since
                file = (self.folder / pending[0] / _CONTENT).open("rb")
                file.seek(first_byte)
                length = None if last_byte is None else max(0, last_byte + 1 - first_byte)
                return CountedReader(lambda n: self._read(file, n), length=length, close=file.close).buffered()
        return self._store.open(key, first_byte=first_byte, last_byte=last_byte)

    def stat(self, key: str) -> StoredArtifact:
        """See ``ArtifactStore``; needs no store while the key is pending."""
        pending = self._find(key)
        return self._store.stat(key) if pending is None else pending[1].artifact

    def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> Artifacts:
        """See ``ArtifactStore``; what is pending and what is stored together, so it needs the store."""
        check_prefix(prefix)
        # Pending ones first: an entry that is drained in between is then seen in one place at least.
        pending = self.pending()
        found = {artifact.key: artifact for artifact in self._store.list(prefix, after=after, limit=limit)}
        for artifact in pending:
            if artifact.key.startswith(prefix) and artifact.key > after:
                found.setdefault(artifact.key, artifact)
        return sorted(found.values(), key=lambda artifact: artifact.key)[:limit]

    def delete(self, key: str) -> None:
        """See ``ArtifactStore``; here and in the store, so it needs the store."""
        check_key(key)
        with self._draining:  # else an upload on its way would bring it back
            for place, entry in self._entries():
                if entry.key == key:
                    self._remove(place)
            self._store.delete(key)

    def check(self) -> None:
        """See ``ArtifactStore``; asks the store behind, not the spool."""
        self._store.check()

    def pending(self) -> Artifacts:
        """Returns what the store does not have yet, oldest first."""
        return [entry.artifact for _, entry in self._entries()]

    def refused(self) -> Artifacts:
        """Returns what the store refused for good, oldest first; the bytes are kept in the folder ``refused``."""
        with self._disk():
            folders = sorted((self.folder / _REFUSED).glob("*"))
        entries = (_read_entry(folder / _ENTRY) for folder in folders)
        return [entry.artifact for entry in entries if entry is not None]

    def drain(self, *, limit: int | None = None) -> int:
        """Uploads what is pending, oldest first, and returns how many entries the store took.

        An entry that the store refuses for good, because it holds other bytes under that key, is moved to ``refused``
        and logged, so that it does not stop those behind it. Nothing else leaves the spool before the store has it.

        Args:
            limit: how many entries at most; None for all.

        Raises:
            StorageError: the store is out of reach; what is left stays pending.
        """
        n_uploaded = 0
        for place, entry in self._entries()[:limit]:
            with self._draining:
                n_uploaded += self._upload(place, entry)
        return n_uploaded

    def _upload(self, place: str, entry: _Entry) -> bool:
        content = self.folder / place / _CONTENT
        is_intact = None
        with self._disk(), suppress(FileNotFoundError), content.open("rb") as file:
            is_intact = sha256_of(file) == entry.sha256
        if is_intact is None:
            return False  # another thread was faster
        if not is_intact:
            self._refuse(place, entry, "the spooled bytes are damaged")
            return False
        try:
            self._store.put(entry.key, content, content_type=entry.content_type)
        except InvalidInputError as err:
            self._refuse(place, entry, str(err))
            return False
        self._remove(place)
        return True

    def _refuse(self, place: str, entry: _Entry, reason: str) -> None:
        log.error("spool.refused", extra={"key": entry.key, "place": place, "reason": reason})
        with self._disk():
            (self.folder / _REFUSED).mkdir(exist_ok=True)
            (self.folder / place).rename(self.folder / _REFUSED / place)

    def _remove(self, place: str) -> None:
        # Renamed first, so that nobody meets an entry of which a part is gone.
        grave = self.folder / f"{_DRAFT}{secrets.token_hex(16)}"
        with self._disk(), suppress(FileNotFoundError):
            (self.folder / place).rename(grave)
            shutil.rmtree(grave, ignore_errors=True)

    def _sweep(self) -> None:
        """Removes what a crash left of drafts, once it is certainly nobody's."""
        for path in self.folder.glob(f"{_DRAFT}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - _DRAFT_LIFETIME_S:
                    shutil.rmtree(path, ignore_errors=True)

    def _read(self, file: BinaryIO, n: int) -> bytes:
        with self._disk():
            return file.read(n)

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as err:
            message = f"Expected to read and write the spool {self.folder}, got: {err.strerror}. Check the disk."
            raise disk_error(message, err) from err

    def _find(self, key: str) -> tuple[str, _Entry] | None:
        check_key(key)
        return next(((place, entry) for place, entry in self._entries() if entry.key == key), None)

    def _name(self, draft: Path, entry: _Entry) -> _Entry:
        """Makes a draft an entry, unless its key is pending."""
        entries = self._entries()
        for _, pending in entries:
            if pending.key == entry.key:
                if pending.sha256 != entry.sha256:
                    raise other_bytes_error(entry.key)
                return pending
        number = int(entries[-1][0].split("-")[0]) + 1 if entries else 1
        # Numbers come again when the spool was empty; a name never does, so that nobody takes one entry for another.
        draft.rename(self.folder / f"{number:012d}-{secrets.token_hex(4)}")
        _flush_folder(self.folder)
        return entry

    def _entries(self) -> _Entries:
        """Returns what is pending, oldest first; entries never change, so each is read once."""
        with self._disk():
            places = sorted(path.name for path in self.folder.iterdir() if path.name[0].isdigit())
        known = self._known
        fresh: dict[str, _Entry] = {}
        for place in places:
            entry = known.get(place) or _read_entry(self.folder / place / _ENTRY)
            if entry is not None:
                fresh[place] = entry
        self._known = fresh
        return list(fresh.items())


def clear_refused(folder: Path, *, before: datetime, dry_run: bool = False) -> Artifacts:
    """Removes what was put into the spool ``folder`` before an instant and refused by its store for good; returns it.

    With ``dry_run`` nothing is removed, and what would be is returned. A folder that is missing holds nothing.
    """
    removed: Artifacts = []
    for place in sorted((folder / _REFUSED).glob("*")):
        entry = _read_entry(place / _ENTRY)
        if entry is not None and entry.stored_at < before:
            removed.append(entry.artifact)
            if not dry_run:
                shutil.rmtree(place, ignore_errors=True)
    return removed


def _write_entry(draft: Path, key: str, stream: BinaryIO, content_type: str) -> _Entry:
    draft.mkdir()
    digest = hashlib.sha256()
    size = 0
    with (draft / _CONTENT).open("wb") as file:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    entry = _Entry(
        key=key,
        size=size,
        sha256=digest.hexdigest(),
        content_type=content_type,
        stored_at=datetime.now(UTC),
    )
    with (draft / _ENTRY).open("wb") as file:
        file.write(entry.model_dump_json().encode())
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(draft)
    return entry


def _read_entry(path: Path) -> _Entry | None:
    """Returns an entry; None where it was drained since."""
    try:
        return _Entry.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as err:
        raise StorageError(f"Expected a spooled artifact in {path.parent}, got: {err}. Move that folder away.") from err


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
