"""The bytes of an archive behind its compression, counted as they come. Loaded in the child."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from deepracer_local.interop._refusal import MAX_RATIO, MAX_UNPACKED_BYTES, RATIO_SLACK_BYTES, RefusedError

CHUNK_BYTES = 1 << 16


class Meter:
    """Counts what comes out of an archive against what went in."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.packed = 0
        self.unpacked = 0

    def add(self, packed: int, unpacked: int) -> None:
        """Counts.

        Raises:
            RefusedError: it is a bomb, or too much.
        """
        self.packed += packed
        self.unpacked += unpacked
        if self.unpacked > MAX_UNPACKED_BYTES:
            raise RefusedError(self.file, f"expected at most {MAX_UNPACKED_BYTES // 10**6} MB unpacked, got more")
        if self.unpacked > MAX_RATIO * self.packed + RATIO_SLACK_BYTES:
            raise RefusedError(
                self.file, f"expected files that unpack to at most {MAX_RATIO} times their size, got a bomb"
            )


class Unpacked:
    """A stream of the bytes in a file, or behind its gzip."""

    def __init__(self, source: BinaryIO, file: str, *, is_gzip: bool) -> None:
        self._source = source
        self._file = file
        self._meter = Meter(file)
        self._gzip = zlib.decompressobj(31) if is_gzip else None
        self._packed = b""
        self._ready = b""
        self._is_over = False

    def read(self, count: int) -> bytes:
        """Returns so many bytes, fewer at the end."""
        parts, missing = [], count
        while missing:
            if not self._ready:
                self._ready = self._more()
                if not self._ready:
                    break
            part, self._ready = self._ready[:missing], self._ready[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def read_all(self, count: int, file: str) -> bytes:
        """Returns so many bytes.

        Raises:
            RefusedError: there are fewer.
        """
        content = self.read(count)
        if len(content) != count:
            raise RefusedError(file, f"expected {count} bytes, but the archive ends after {len(content)}: it is cut")
        return content

    def skip(self, count: int, file: str) -> None:
        """Passes over so many bytes."""
        while count:
            step = min(count, CHUNK_BYTES)
            self.read_all(step, file)
            count -= step

    def finish(self) -> None:
        """Reads to the end, where nothing but padding may be.

        Raises:
            RefusedError: there is more, or the compression is damaged or cut.
        """
        while rest := self.read(CHUNK_BYTES):
            if rest.strip(b"\0"):
                raise RefusedError(self._file, "expected nothing after the end of the archive, got more bytes")
        if self._gzip is not None and not self._gzip.eof:
            raise RefusedError(self._file, "expected whole gzip, but it ends in the middle: it is cut")
        if self._packed or (self._gzip is not None and (self._gzip.unused_data or self._source.read(1))):
            raise RefusedError(self._file, "expected nothing after the end of the gzip, got more bytes")

    def _more(self) -> bytes:
        if self._gzip is None:
            chunk = self._source.read(CHUNK_BYTES)
            self._meter.add(len(chunk), len(chunk))
            return chunk
        while not self._gzip.eof:
            fresh = 0
            if not self._packed:
                self._packed = self._source.read(CHUNK_BYTES)
                fresh = len(self._packed)
            try:
                chunk = self._gzip.decompress(self._packed, CHUNK_BYTES)
            except zlib.error as err:
                raise RefusedError(self._file, f"expected whole gzip, got damaged bytes ({err})") from None
            self._packed = self._gzip.unconsumed_tail
            self._meter.add(fresh, len(chunk))
            if chunk or (not fresh and not self._packed):
                return chunk
        return b""
