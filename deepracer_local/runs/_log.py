"""Following a log that another process writes: in order, once, and bounded however much is printed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import BinaryIO, Literal

LINES_PER_CALL = 250
BYTES_PER_CALL = 65_536
MAX_LINE_CHARS = 1_000
MAX_FILE_BYTES = 16 * 2**20
KEPT_FILE_BYTES = 8 * 2**20
"""So much of the beginning stays when a file that has grown over ``MAX_FILE_BYTES`` is cut."""
_NOTE = "[deepracer-local]"
_MARK_BYTES = 20


class LogFollower:
    """Reads what is new in a log, and keeps the file itself from filling the disk.

    Law: what ``new_lines`` returns is returned again until ``move_on``, and not once more after it. The place is kept
    in a hidden file beside the log, so that whoever follows next goes on there.

    The writer is never waited for and never told: it appends (``O_APPEND``), so a file may be cut under its pen.
    """

    def __init__(self, path: Path) -> None:
        """Goes on where the last follower of ``path`` was, or begins; the file need not be there yet."""
        self._path = path
        self._mark_path = path.with_name(f".{path.name}.carried")
        self._offset = self._end = self._read_mark()

    def new_lines(self, *, is_over: bool = False) -> list[str]:
        """Returns the complete lines behind the last ones, at most ``LINES_PER_CALL`` and one.

        Where there is more, the middle is left out and a line says how much. Overlong lines are cut, and say so too.

        Args:
            is_over: the writer has ended: a last line without an end counts too.
        """
        try:
            with _opened(self._path, os.O_RDONLY, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                self._offset = min(self._offset, size)  # a crash came between a cut and its mark
                return self._read(file, size, is_over=is_over)
        except OSError:
            self._end = self._offset  # it is not there yet; a disk that fails is told by those who write
            return []

    def move_on(self) -> None:
        """Makes the next call begin behind what the last one returned."""
        if self._end == self._offset:
            return
        self._offset = self._end
        # On a full disk the place is kept in memory only.
        with contextlib.suppress(OSError):
            if self._offset > MAX_FILE_BYTES:
                self._cut()
            self._write_mark()

    def _read(self, file: BinaryIO, size: int, *, is_over: bool) -> list[str]:
        """Returns what is new and sets ``_end`` behind it."""
        n_new = size - self._offset
        if n_new <= BYTES_PER_CALL:
            content = _bytes_at(file, self._offset, n_new)
            if not is_over:
                content = content[: content.rfind(b"\n") + 1]
            self._end = self._offset + len(content)
            lines = _split(content)
            half = LINES_PER_CALL // 2
            if len(lines) <= LINES_PER_CALL:
                return [_text(line) for line in lines]
            return self._without_middle(lines[:half], lines[-half:])
        half = BYTES_PER_CALL // 2
        first, last = _bytes_at(file, self._offset, half), _bytes_at(file, size - half, half)
        # Both are cut somewhere in a line. A line that is longer than all of it is worth its beginning.
        first = first[: first.rfind(b"\n") + 1] or first
        if not is_over:
            last = last[: last.rfind(b"\n") + 1] or last
        self._end = size - half + len(last)
        last = last[last.find(b"\n") + 1 :] if b"\n" in last else b""
        return self._without_middle(_split(first)[: LINES_PER_CALL // 2], _split(last)[-LINES_PER_CALL // 2 :])

    def _without_middle(self, first: list[bytes], last: list[bytes]) -> list[str]:
        n_left_out = self._end - self._offset - sum(len(line) + 1 for line in [*first, *last])
        note = f"{_NOTE} about {n_left_out:,} bytes are left out here: they came too fast. See the asset trainer.log."
        return [*map(_text, first), note, *map(_text, last)]

    def _cut(self) -> None:
        """Cuts off what is behind the first part, all of which has been read."""
        note = f"{_NOTE} trainer.log is cut here: of more than {MAX_FILE_BYTES // 2**20} MB beginning and end stay\n"
        with _opened(self._path, os.O_RDWR | os.O_APPEND, "r+b") as file:
            first = _bytes_at(file, 0, KEPT_FILE_BYTES)
            kept = first.rfind(b"\n") + 1 or len(first)
            file.truncate(kept)
            self._offset = self._end = kept
            file.write(note.encode())

    def _read_mark(self) -> int:
        try:
            with _opened(self._mark_path, os.O_RDONLY, "rb") as file:
                return max(int(file.read(_MARK_BYTES)), 0)
        except (OSError, ValueError):
            return 0

    def _write_mark(self) -> None:
        with _opened(self._mark_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, "wb") as file:
            file.write(b"%d" % self._offset)


def _opened(path: Path, flags: int, mode: Literal["rb", "r+b", "wb"]) -> BinaryIO:
    """Opens a file that is one of its own: what runs beside it may have put a link or a pipe in its place."""
    return os.fdopen(os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644), mode)


def _bytes_at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _split(content: bytes) -> list[bytes]:
    """Returns the lines, without their ends."""
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _text(line: bytes) -> str:
    """Returns a line as text that every database holds."""
    text = line.decode(errors="replace").replace("\x00", "\ufffd").rstrip("\r")
    if len(text) <= MAX_LINE_CHARS:
        return text
    return f"{text[:MAX_LINE_CHARS]} {_NOTE} {len(text) - MAX_LINE_CHARS:,} more characters"
