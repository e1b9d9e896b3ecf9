"""Reading and hashing streams."""

from __future__ import annotations

import errno
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from deepracer_local.errors import DiskFullError, InvalidInputError, NotFoundError, StorageError

CHUNK_BYTES = 1 << 20


class CountedReader(io.RawIOBase):
    """A stream of at most ``length`` bytes from a function that reads.

    Args:
        read: is given how many bytes are wanted and returns at most as many; none at the end.
        length: how many bytes there are to read in total; None for all.
        close: is called once, at the end.
    """

    def __init__(
        self, read: Callable[[int], bytes], *, length: int | None = None, close: Callable[[], None] = lambda: None
    ) -> None:
        self._read = read
        self._left = length
        self._close = close

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the stub's Buffer has no len
        """Fills the buffer as far as one read goes; 0 at the end."""
        wanted = len(buffer) if self._left is None else min(len(buffer), self._left)
        if not wanted:
            return 0
        content = self._read(wanted)
        buffer[: len(content)] = content
        if self._left is not None:
            self._left -= len(content)
        return len(content)

    def close(self) -> None:
        """Closes what it reads from."""
        if not self.closed:
            self._close()
        super().close()

    def buffered(self) -> BinaryIO:
        """Returns it with a buffer, as a stream that has all methods of one."""
        return cast(BinaryIO, io.BufferedReader(self, CHUNK_BYTES))


def sha256_of(stream: BinaryIO) -> str:
    """Returns the hash of what is left to read."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def disk_error(message: str, err: OSError) -> StorageError:
    """Returns the error that says what the disk said; a full one is told from a broken one."""
    return DiskFullError(message) if err.errno in {errno.ENOSPC, errno.EDQUOT} else StorageError(message)


def open_source(source: bytes | Path) -> BinaryIO:
    """Opens what is to be stored.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: it is no file that can be read.
    """
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return source.open("rb")
    except OSError as err:
        if err.errno == errno.ENOENT:
            raise NotFoundError("file", str(source)) from err
        raise InvalidInputError(f"Expected a file that can be read, got {source}: {err.strerror}.") from err
