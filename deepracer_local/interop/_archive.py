"""An archive, tar or zip, read twice: first all names and texts, then the weights that were chosen. In the child."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from deepracer_local.interop._names import SeenNames, is_litter, refuse_code, text_cap
from deepracer_local.interop._refusal import (
    MAX_ARCHIVE_BYTES,
    MAX_MEMBERS,
    MAX_TEXTS_BYTES,
    MAX_WEIGHTS_BYTES,
    RefusedError,
)
from deepracer_local.interop._tar import tar_headers
from deepracer_local.interop._unpacked import CHUNK_BYTES, Meter, Unpacked
from deepracer_local.interop._zip import zip_content, zip_entries

_FILE = "the archive"
Content = Callable[[], Iterator[bytes]]
"""Yields the bytes of a member; what is left of them is passed over."""


@dataclass(slots=True)
class Members:
    """What an archive holds.

    Attributes:
        sizes: the bytes of each file, by name.
        texts: the content of those that are texts of ours.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def read_members(source: BinaryIO) -> Members:
    """Returns the names, and the texts, of an archive.

    Raises:
        RefusedError: it is not safe, not whole, or too large.
    """
    found, seen, total = Members(), SeenNames(), 0
    for count, (name, size, is_folder, content) in enumerate(_walk(source), start=1):
        if count > MAX_MEMBERS:
            raise RefusedError(_FILE, f"expected at most {MAX_MEMBERS} files and folders, got more")
        if is_folder or is_litter(name):
            continue
        seen.add(name)
        found.sizes[name] = size
        cap = text_cap(name)
        if cap is None:
            refuse_code(name, next(content(), b""))
            continue
        if size > cap:
            raise RefusedError(name, f"expected at most {cap} bytes, got {size}")
        total += size
        if total > MAX_TEXTS_BYTES:
            raise RefusedError(name, f"expected at most {MAX_TEXTS_BYTES} bytes of texts in all, got more")
        try:
            found.texts[name] = b"".join(content()).decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as err:
            raise RefusedError(name, f"expected text in UTF-8, got other bytes at {err.start}") from None
    return found


def read_content(source: BinaryIO, name: str) -> bytearray:
    """Returns the bytes of one file.

    Raises:
        RefusedError: it is too large.
    """
    for found, size, _, content in _walk(source):
        if found != name:
            continue
        if size > MAX_WEIGHTS_BYTES:
            raise RefusedError(name, f"expected at most {MAX_WEIGHTS_BYTES // 10**6} MB, got {size} bytes")
        whole = bytearray()
        for chunk in content():
            whole += chunk
        return whole
    raise RefusedError(name, "expected the file that was there a moment ago")


def _walk(source: BinaryIO) -> Iterator[tuple[str, int, bool, Content]]:
    """Yields name, size, whether it is a folder, and what reads it."""
    size = source.seek(0, 2)
    if size > MAX_ARCHIVE_BYTES:
        raise RefusedError(_FILE, f"expected at most {MAX_ARCHIVE_BYTES // 10**6} MB, got {size} bytes")
    source.seek(0)
    head = source.read(512)
    source.seek(0)
    if head.startswith(b"PK"):
        yield from _walk_zip(source)
    elif head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
        yield from _walk_tar(Unpacked(source, _FILE, is_gzip=head.startswith(b"\x1f\x8b")))
    else:
        raise RefusedError(_FILE, "expected a tar, a tar.gz or a zip archive, got something else or nothing")


def _walk_zip(source: BinaryIO) -> Iterator[tuple[str, int, bool, Content]]:
    meter = Meter(_FILE)
    for entry in zip_entries(source):
        iterator = zip_content(source, entry, meter)
        yield entry.name, entry.size, entry.is_folder, lambda iterator=iterator: iterator  # type: ignore[misc]  # its own
        for _ in iterator:  # what nobody wants is looked at as well: it may be damaged, or a bomb
            pass


def _walk_tar(stream: Unpacked) -> Iterator[tuple[str, int, bool, Content]]:
    for header in tar_headers(stream):
        left = [header.size]

        def content(left: list[int] = left, name: str = header.name) -> Iterator[bytes]:
            while left[0]:
                chunk = stream.read_all(min(left[0], CHUNK_BYTES), name)
                left[0] -= len(chunk)
                yield chunk

        yield header.name, header.size, header.is_folder, content
        stream.skip(left[0], header.name)
