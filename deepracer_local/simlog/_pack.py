"""Where the files go: into a folder, or into a stream that is a tar.gz."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from deepracer_local.simlog._files import LogFile

_CHUNK_BYTES = 65_536


def tar_gz(files: Iterable[LogFile], folder: str) -> Iterator[bytes]:
    """Yields a tar.gz in pieces while the files come: plain files below ``folder``, no owners, no times.

    Law: equal files give equal bytes. Not more than a piece of a file is in memory.
    """
    sink = _Sink()
    with gzip.GzipFile(fileobj=sink, mode="wb", mtime=0, compresslevel=6) as packed:
        for piece in _tar(files, folder):
            packed.write(piece)
            if sink.size >= _CHUNK_BYTES:
                yield sink.take()
    yield sink.take()


def write_folder(files: Iterable[LogFile], folder: Path) -> Iterator[LogFile]:
    """Writes the files below ``folder`` and yields each when it is written."""
    for file in files:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        with draft.open("wb") as written:
            shutil.copyfileobj(file.content, written, _CHUNK_BYTES)
        draft.replace(target)
        yield file


def _tar(files: Iterable[LogFile], folder: str) -> Iterator[bytes]:
    # Not with TarFile, which takes a file in one go: the pieces of a large one could not be sent meanwhile.
    for file in files:
        entry = tarfile.TarInfo(f"{folder}/{file.path}")
        entry.size = file.size
        yield entry.tobuf(tarfile.GNU_FORMAT)
        while piece := file.content.read(_CHUNK_BYTES):
            yield piece
        yield b"\0" * (-file.size % tarfile.BLOCKSIZE)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]  # gzip writes bytes
        self._pieces.append(bytes(content))
        self.size += len(content)
        return len(content)

    def take(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return content
