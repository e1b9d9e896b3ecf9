"""Tar as a stream: regular files and folders, nothing else. Loaded in the child.

Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deepracer_local.interop._names import check_name
from deepracer_local.interop._refusal import MAX_UNPACKED_BYTES, RefusedError
from deepracer_local.interop._unpacked import Unpacked

_BLOCK = 512
_MAX_EXTENDED_BYTES = 65_536
_KINDS = {
    b"1": "a hard link",
    b"2": "a link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"S": "a sparse file",
    b"K": "a link with a long name",
    b"M": "a part of another archive",
    b"V": "a label",
    b"D": "a list of a folder",
}


@dataclass(frozen=True, slots=True)
class TarHeader:
    """What stands before a file or a folder."""

    name: str
    size: int
    is_folder: bool


def tar_headers(stream: Unpacked) -> Iterator[TarHeader]:
    """Yields each file and folder; whoever takes one reads or skips its ``size`` bytes before the next.

    Raises:
        RefusedError: something else than a file or folder, or a damaged archive.
    """
    long_name: bytes | None = None
    long_size: int | None = None
    while (block := stream.read_all(_BLOCK, "the archive")).strip(b"\0"):
        name, size, kind = _fields(block)
        if kind in {b"x", b"g", b"L"}:
            if size > _MAX_EXTENDED_BYTES:
                raise RefusedError(
                    _shown(name), f"expected an extended header of at most {_MAX_EXTENDED_BYTES} bytes, got {size}"
                )
            content = stream.read_all(size + -size % _BLOCK, _shown(name))[:size]
            if kind == b"L":
                long_name = content.rstrip(b"\0")
            else:
                records = _records(content, _shown(name))
                if kind == b"x":
                    long_name = records.get(b"path", long_name)
                    long_size = _long_size(records, _shown(name))
            continue
        checked = check_name(long_name if long_name is not None else name)
        size = long_size if long_size is not None else size
        if kind not in {b"0", b"\0", b"5", b"7"}:
            raise RefusedError(checked, f"expected files and folders, got {_KINDS.get(kind, 'something unknown')}")
        is_folder = kind == b"5" or (kind in {b"0", b"\0"} and (long_name or name).endswith(b"/"))
        if not is_folder and _octal(block[100:108], checked) & 0o6000:
            raise RefusedError(checked, "expected a plain file, got one that would run as another user (setuid)")
        if is_folder and size:
            raise RefusedError(checked, "expected a folder without content, got one with bytes")
        if size > MAX_UNPACKED_BYTES:
            raise RefusedError(checked, f"expected at most {MAX_UNPACKED_BYTES // 10**6} MB, got {size} bytes")
        yield TarHeader(checked, size, is_folder)
        stream.skip(-size % _BLOCK, checked)
        long_name = long_size = None
    stream.finish()


def _fields(block: bytes) -> tuple[bytes, int, bytes]:
    """Returns name, size and kind of a header whose sum is right."""
    name = block[:100].split(b"\0")[0]
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    if block[257:262] != b"ustar":
        raise RefusedError("the archive", "expected the header of a tar archive, got a damaged one or other bytes")
    if _octal(block[148:156], _shown(name)) != total:
        raise RefusedError(_shown(name), "expected the header of a tar archive, got a damaged one or other bytes")
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].split(b"\0")[0] + b"/" + name
    return name, _octal(block[124:136], _shown(name)), block[156:157]


def _octal(field: bytes, file: str) -> int:
    digits = field.strip(b"\0 ")
    if not digits:
        return 0
    if not all(48 <= digit <= 55 for digit in digits):
        raise RefusedError(file, "expected octal numbers in its header, got negative, huge or damaged ones")
    return int(digits, 8)


def _records(content: bytes, file: str) -> dict[bytes, bytes]:
    """Returns the records of an extended header: ``LENGTH KEY=VALUE`` and a line's end each."""
    found = dict[bytes, bytes]()
    while content:
        length, _, _ = content[:8].partition(b" ")
        size = int(length) if length.isdigit() else 0
        record, content = content[:size], content[size:]
        key, is_pair, value = record[len(length) + 1 : -1].partition(b"=")
        if size < 5 or size != len(record) or not is_pair or not record.endswith(b"\n"):
            raise RefusedError(file, "expected an extended header of keys and values, got other bytes")
        if key.startswith((b"GNU.sparse", b"SCHILY.realsize")) or key in {b"linkpath", b"hdrcharset"}:
            raise RefusedError(file, f"expected plain files, got a special one ({_shown(key)})")
        found[key] = value
    return found


def _long_size(records: dict[bytes, bytes], file: str) -> int | None:
    size = records.get(b"size")
    if size is None:
        return None
    if not size.isdigit() or len(size) > 12:
        raise RefusedError(file, "expected a size in its extended header, got a negative, huge or damaged one")
    return int(size)


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace") or "the archive"
