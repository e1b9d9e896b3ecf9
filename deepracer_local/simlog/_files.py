"""Files that are written once from end to end, on the disk when they grow."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, NamedTuple

MEMORY_BYTES = 256 * 2**10
"""What is larger lies in a temporary file meanwhile."""


class LogFile(NamedTuple):
    """One file of a layout. It can be read from its beginning until the next one is asked for."""

    path: str
    """Below the folder of the layout, with slashes."""
    content: IO[bytes]
    size: int
    """Bytes."""


class Draft:
    """A file that is being written."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  # closed below

    def write(self, content: bytes) -> None:
        """Appends bytes."""
        self._file.write(content)

    def lines(self) -> IO[bytes]:
        """Returns what was written, to be read from its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Gives back memory and disk."""
        self._file.close()

    def finished(self, path: str) -> Iterator[LogFile]:
        """Yields the file under its name, and gives it up when the next one is asked for."""
        size = self._file.tell()
        try:
            yield LogFile(path, self.lines(), size)
        finally:
            self.close()


def small_file(path: str, content: bytes) -> LogFile:
    """Returns a file of a few bytes."""
    return LogFile(path, io.BytesIO(content), len(content))


def stamp_of(wall_clock_s: float) -> str:
    """Returns a moment as fourteen digits, UTC."""
    return datetime.fromtimestamp(wall_clock_s, UTC).strftime("%Y%m%d%H%M%S")
