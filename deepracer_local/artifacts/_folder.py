"""Artifacts as files below a folder: a key is a path.

A file gets its name when it is complete and on the disk: it is written beside the keys, flushed, and then linked to its
name, which fails where that name is taken. Every folder on the way is opened relative to the one above and without
following symbolic links, so that no key and no link leads out of the root. There are no files beside the artifacts: the
hash is computed from the bytes that are there, so that damage shows.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from deepracer_local.artifacts._store import (
    DEFAULT_CONTENT_TYPE,
    Artifacts,
    StoredArtifact,
    blocked_error,
    check_range,
    other_bytes_error,
)
from deepracer_local.artifacts._streams import CHUNK_BYTES, CountedReader, disk_error, open_source, sha256_of
from deepracer_local.artifacts.keys import check_key, check_prefix
from deepracer_local.errors import NotFoundError

PARTIAL = "~partial"
"""Where files are written before they have a name; no key can name it, for '~' is not allowed in one."""

_PARTIAL_LIFETIME_S = 24 * 3600.0
_ROOT_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER_FLAGS = _ROOT_FLAGS | os.O_NOFOLLOW
# Without O_NONBLOCK opening a named pipe would wait for somebody to write into it.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DRAFT_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_HASHES_KEPT = 4096

_Identity = tuple[int, int, int, int]


class FolderStore:
    """An ``ArtifactStore`` in a folder, which several processes of one machine may share.

    A key cannot be a file and a folder at once: where ``a`` is stored, putting ``a/b`` is a ``ConflictError``, and the
    other way round.

    Args:
        root: the folder; it is made where it is missing. Its file system has to have hard links.

    Raises:
        StorageError: the folder cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._hashes: dict[_Identity, str] = {}
        with _translated("the folder"):
            (root / PARTIAL).mkdir(parents=True, exist_ok=True)
            self._sweep()

    def put(self, key: str, source: bytes | Path, *, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredArtifact:
        """See ``ArtifactStore``; the content type is not kept."""
        *folders, name = check_key(key).split("/")
        with open_source(source) as stream, _writing(key), self._folder([PARTIAL]) as partial:
            draft = secrets.token_hex(16)
            try:
                sha256, status = _write_draft(stream, draft, partial)
                with self._folder(folders, create=True) as folder:
                    is_new = _link(draft, name, partial=partial, folder=folder)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(draft, dir_fd=partial)
        if not is_new:
            return self._same(key, sha256)
        self._remember(status, sha256)
        return _artifact(key, sha256, status)

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> AbstractContextManager[BinaryIO]:
        """See ``ArtifactStore``."""
        check_range(first_byte, last_byte)
        file = self._open(key)
        file.seek(first_byte)
        length = None if last_byte is None else max(0, last_byte + 1 - first_byte)
        return CountedReader(lambda n: _read(file, n, key), length=length, close=file.close).buffered()

    def stat(self, key: str) -> StoredArtifact:
        """See ``ArtifactStore``."""
        with self._open(key) as file, _reading(key):
            status = os.fstat(file.fileno())
            return _artifact(key, self._hash(file, status), status)

    def list(self, prefix: str = "", *, after: str = "", limit: int = 1000) -> Artifacts:
        """See ``ArtifactStore``."""
        check_prefix(after)
        *folders, _ = check_prefix(prefix).split("/")
        start = "".join(f"{name}/" for name in folders)
        found: Artifacts = []
        with suppress(NotFoundError), _reading(prefix), self._folder(folders) as folder:
            for key in islice(_walk(folder, start, prefix, after), limit):
                with suppress(NotFoundError):  # deleted since
                    found.append(self.stat(key))
        return found

    def delete(self, key: str) -> None:
        """See ``ArtifactStore``; folders that become empty stay."""
        *folders, name = check_key(key).split("/")
        with suppress(NotFoundError), _reading(key), self._folder(folders) as folder:
            if stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)

    def check(self) -> None:
        """See ``ArtifactStore``; makes, links and removes a file, which is what ``put`` needs."""
        draft, link = secrets.token_hex(16), secrets.token_hex(16)
        with _translated("the folder"), self._folder([PARTIAL]) as partial:
            try:
                os.close(os.open(draft, _DRAFT_FLAGS, dir_fd=partial))
                os.link(draft, link, src_dir_fd=partial, dst_dir_fd=partial, follow_symlinks=False)
            finally:
                for name in (draft, link):
                    with suppress(FileNotFoundError):
                        os.unlink(name, dir_fd=partial)

    def _same(self, key: str, sha256: str) -> StoredArtifact:
        try:
            stored = self.stat(key)
        except NotFoundError:
            raise blocked_error(key) from None
        if stored.sha256 != sha256:
            raise other_bytes_error(key)
        return stored

    @contextmanager
    def _folder(self, names: Sequence[str], *, create: bool = False) -> Iterator[int]:
        """Opens the folder ``names`` below the root, each relative to the one above."""
        with _translated("the folder"):
            descriptor = os.open(self.root, _ROOT_FLAGS)
        try:
            for name in names:
                below = _enter(descriptor, name, create=create)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def _open(self, key: str) -> BinaryIO:
        *folders, name = check_key(key).split("/")
        with _reading(key), self._folder(folders) as folder:
            descriptor = os.open(name, _FILE_FLAGS, dir_fd=folder)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise NotFoundError("artifact", key)
            return os.fdopen(descriptor, "rb")

    def _hash(self, file: BinaryIO, status: os.stat_result) -> str:
        known = self._hashes.get(_identity(status))
        if known is None:
            known = sha256_of(file)
            self._remember(status, known)
        return known

    def _remember(self, status: os.stat_result, sha256: str) -> None:
        if len(self._hashes) >= _HASHES_KEPT:
            self._hashes.clear()
        self._hashes[_identity(status)] = sha256

    def _sweep(self) -> None:
        """Removes what a crash left in the folder of drafts, once it is certainly nobody's."""
        for path in (self.root / PARTIAL).iterdir():
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < time.time() - _PARTIAL_LIFETIME_S:
                    path.unlink()


def _write_draft(stream: BinaryIO, draft: str, partial: int) -> tuple[str, os.stat_result]:
    """Writes a new file, flushed to the disk; returns the hash of what was written, and the file's status."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(draft, _DRAFT_FLAGS, 0o644, dir_fd=partial), "wb") as file:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        return digest.hexdigest(), os.fstat(file.fileno())


def _link(draft: str, name: str, *, partial: int, folder: int) -> bool:
    """Gives a draft its name and returns True; False where the name is taken. The name is on the disk then."""
    try:
        os.link(draft, name, src_dir_fd=partial, dst_dir_fd=folder, follow_symlinks=False)
        return True
    except FileExistsError:
        return False
    finally:
        os.fsync(folder)


def _enter(parent: int, name: str, *, create: bool) -> int:
    if create:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
        # Also where it existed: whoever made it may have died before this.
        os.fsync(parent)
    return os.open(name, _FOLDER_FLAGS, dir_fd=parent)


def _walk(folder: int, start: str, prefix: str, after: str) -> Iterator[str]:
    """Yields the wanted keys below an open folder in the order of keys: a folder sorts as its name with a slash."""
    with os.scandir(folder) as entries:
        names = sorted(
            f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
            for entry in entries
            if entry.name != PARTIAL and not entry.is_symlink()
        )
    for name in names:
        key = start + name
        if not name.endswith("/"):
            if key.startswith(prefix) and key > after:
                yield key
        elif (key.startswith(prefix) or prefix.startswith(key)) and (key > after or after.startswith(key)):
            with suppress(FileNotFoundError):
                below = os.open(name[:-1], _FOLDER_FLAGS, dir_fd=folder)
                try:
                    yield from _walk(below, key, prefix, after)
                finally:
                    os.close(below)


def _read(file: BinaryIO, n: int, key: str) -> bytes:
    with _reading(key):
        return file.read(n)


def _artifact(key: str, sha256: str, status: os.stat_result) -> StoredArtifact:
    return StoredArtifact(key, status.st_size, sha256, datetime.fromtimestamp(status.st_mtime, UTC))


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def _reading(key: str) -> Iterator[None]:
    """Whatever is no plain file below plain folders is not there."""
    with _translated(key):
        try:
            yield
        except OSError as err:
            if err.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                raise NotFoundError("artifact", key) from err
            raise


@contextmanager
def _writing(key: str) -> Iterator[None]:
    with _translated(key):
        try:
            yield
        except OSError as err:
            if err.errno in {errno.ENOTDIR, errno.ELOOP}:
                raise blocked_error(key) from err
            raise


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        message = f"Expected the artifact folder to take and give {what!r}, got: {err.strerror}. Check the disk."
        raise disk_error(message, err) from err
