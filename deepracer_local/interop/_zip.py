"""Zip: regular files and folders, nothing else. Loaded in the child.

The list at the end of the file is believed only where what stands before each file says the same.
Source: PKWARE, APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from deepracer_local.interop._names import check_name
from deepracer_local.interop._refusal import MAX_MEMBERS, MAX_UNPACKED_BYTES, RefusedError
from deepracer_local.interop._unpacked import CHUNK_BYTES, Meter

_END = struct.Struct("<IHHHHIIH")
_ENTRY = struct.Struct("<IHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_MAX_COMMENT_BYTES = 65_535
_FILE = "the archive"


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A file or a folder."""

    name: str
    raw_name: bytes
    size: int
    packed: int
    method: int
    crc: int
    offset: int
    is_folder: bool


def zip_entries(source: BinaryIO) -> list[ZipEntry]:
    """Returns what the list of the archive names, in the order of their places.

    Raises:
        RefusedError: it is damaged, or names something else than files and folders.
    """
    size = source.seek(0, 2)
    tail_size = min(size, _END.size + _MAX_COMMENT_BYTES)
    source.seek(size - tail_size)
    tail = source.read(tail_size)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or place + _END.size > len(tail):
        raise RefusedError(_FILE, "expected a whole zip archive, but its list is missing: it is cut or damaged")
    _, disk, first_disk, here, count, list_size, list_offset, comment = _END.unpack_from(tail, place)
    end = size - tail_size + place
    if disk or first_disk or here != count or list_offset == 0xFFFFFFFF or place + _END.size + comment != len(tail):
        raise RefusedError(_FILE, "expected one plain zip archive, got a part, a huge one, or bytes after its end")
    if count > MAX_MEMBERS:
        raise RefusedError(_FILE, f"expected at most {MAX_MEMBERS} files, got {count}")
    if list_offset + list_size != end or list_size > count * (_ENTRY.size + 3 * 65_535):
        raise RefusedError(_FILE, "expected the list of the zip archive before its end, got another place")
    source.seek(list_offset)
    entries = sorted(_listed(source.read(min(list_size, 16_000_000)), count), key=lambda entry: entry.offset)
    _refuse_overlaps(entries, list_offset)
    return entries


def zip_content(source: BinaryIO, entry: ZipEntry, meter: Meter) -> Iterator[bytes]:
    """Yields the bytes of a file.

    Raises:
        RefusedError: they are not what the list says of them.
    """
    source.seek(entry.offset)
    header = source.read(_LOCAL.size)
    if len(header) < _LOCAL.size:
        raise RefusedError(entry.name, "expected a file, but the archive ends there")
    mark, _, flags, method, _, _, _, _, _, name_size, extra_size = _LOCAL.unpack(header)
    raw_name = source.read(name_size)
    if mark != 0x04034B50 or raw_name != entry.raw_name or method != entry.method or flags & 1:
        raise RefusedError(entry.name, "expected the file that the list names, got another one in its place")
    source.seek(extra_size, 1)
    crc, unpacked = 0, 0
    for chunk in _inflated(source, entry, meter):
        crc, unpacked = zlib.crc32(chunk, crc), unpacked + len(chunk)
        if unpacked > entry.size:
            break
        yield chunk
    if unpacked != entry.size or crc != entry.crc:
        raise RefusedError(entry.name, f"expected {entry.size} bytes as its list says, got others: it is damaged")


def _listed(content: bytes, count: int) -> Iterator[ZipEntry]:
    place = 0
    for _ in range(count):
        if len(content) < place + _ENTRY.size:
            raise RefusedError(_FILE, "expected a list with all files, got a damaged one")
        fields = _ENTRY.unpack_from(content, place)
        mark, made_by, _, flags, method, _, _, crc, packed, size, n_name, n_extra, n_comment, _, _, mode, offset = (
            fields
        )
        raw_name = content[place + _ENTRY.size : place + _ENTRY.size + n_name]
        place += _ENTRY.size + n_name + n_extra + n_comment
        if mark != 0x02014B50 or place > len(content):
            raise RefusedError(_FILE, "expected a list with all files, got a damaged one")
        name = check_name(raw_name)
        kind = mode >> 28 if made_by >> 8 in {3, 19} else 0
        if kind not in {0, 0o10, 0o4}:
            raise RefusedError(name, "expected files and folders, got a link, a device or a pipe")
        if flags & 0x41 or method not in {_STORED, _DEFLATED}:
            raise RefusedError(name, "expected a file that is stored or deflated, got encryption or another method")
        if size > MAX_UNPACKED_BYTES or packed == 0xFFFFFFFF:
            raise RefusedError(name, f"expected at most {MAX_UNPACKED_BYTES // 10**6} MB, got {size} bytes")
        yield ZipEntry(name, raw_name, size, packed, method, crc, offset, raw_name.endswith(b"/"))


def _refuse_overlaps(entries: list[ZipEntry], list_offset: int) -> None:
    free = 0
    for entry in entries:
        if entry.offset < free or (entry.is_folder and entry.size):
            raise RefusedError(entry.name, "expected files beside each other, got some that lie over each other")
        free = entry.offset + _LOCAL.size + len(entry.raw_name) + entry.packed
    if free > list_offset:
        raise RefusedError(entries[-1].name, "expected files before the list, got one that reaches into it")


def _inflated(source: BinaryIO, entry: ZipEntry, meter: Meter) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-15) if entry.method == _DEFLATED else None
    left, pending = entry.packed, b""
    while left or inflate is not None:
        fresh = b"" if pending else source.read(min(left, CHUNK_BYTES))
        left -= len(fresh)
        if left and not fresh and not pending:
            raise RefusedError(entry.name, "expected a whole file, but the archive ends in it: it is cut")
        if inflate is None:
            meter.add(len(fresh), len(fresh))
            yield fresh
            continue
        try:
            chunk = inflate.decompress(pending or fresh, CHUNK_BYTES)
        except zlib.error as err:
            raise RefusedError(entry.name, f"expected whole bytes, got damaged ones ({err})") from None
        pending = inflate.unconsumed_tail
        meter.add(len(fresh), len(chunk))
        if chunk:
            yield chunk
        if inflate.eof:
            if left or pending or inflate.unused_data:
                raise RefusedError(entry.name, "expected nothing after the end of its bytes, got more")
            return
        if not (chunk or left or pending):
            raise RefusedError(entry.name, "expected a whole file, but its bytes end in the middle: it is cut")
