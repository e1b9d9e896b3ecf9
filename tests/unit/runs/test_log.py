"""Following a log that somebody else writes: in order, once, bounded, and never in the way of the writer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from deepracer_local.runs import LogFollower
from deepracer_local.runs._log import (
    BYTES_PER_CALL,
    KEPT_FILE_BYTES,
    LINES_PER_CALL,
    MAX_FILE_BYTES,
    MAX_LINE_CHARS,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trainer.log"


@pytest.fixture
def writer(path: Path) -> Iterator[BinaryIO]:
    """The log as the trainer has it: open for appending, all the time."""
    with path.open("ab", buffering=0) as file:
        yield file


def taken(follower: LogFollower, *, is_over: bool = False) -> list[str]:
    lines = follower.new_lines(is_over=is_over)
    follower.move_on()
    return lines


def test_lines_come_once_and_when_they_are_whole(path: Path) -> None:
    follower = LogFollower(path)
    assert taken(follower) == []
    with path.open("ab", buffering=0) as writer:
        writer.write(b"one\ntw")
        assert taken(follower) == ["one"]
        writer.write("o\r\n\ngrüße ".encode())
        assert taken(follower) == ["two", ""]
        writer.write(b"\xff\x00\x1b[1m")
        assert taken(follower) == []
    assert taken(follower, is_over=True) == ["grüße \ufffd\ufffd\x1b[1m"]
    assert taken(follower, is_over=True) == []


def test_what_could_not_be_handed_on_comes_again(path: Path, writer: BinaryIO) -> None:
    follower = LogFollower(path)
    writer.write(b"one\n")

    assert follower.new_lines() == ["one"]
    writer.write(b"two\n")

    assert taken(follower) == ["one", "two"]


def test_whoever_follows_next_goes_on_there(path: Path, writer: BinaryIO) -> None:
    writer.write(b"one\n")
    assert taken(LogFollower(path)) == ["one"]
    writer.write(b"two\n")

    assert taken(LogFollower(path)) == ["two"]


def test_of_too_many_lines_the_first_and_the_last_come_and_the_rest_is_said(path: Path, writer: BinaryIO) -> None:
    follower = LogFollower(path)
    n_lines = 4 * LINES_PER_CALL
    writer.write(b"".join(b"%d\n" % n for n in range(n_lines)))

    lines = taken(follower)

    half = LINES_PER_CALL // 2
    assert lines[:half] == [str(n) for n in range(half)]
    assert "bytes are left out here" in lines[half]
    assert lines[half + 1 :] == [str(n) for n in range(n_lines - half, n_lines)]
    assert taken(follower) == []


@pytest.mark.parametrize("n_bytes", [BYTES_PER_CALL + 1, 3 * BYTES_PER_CALL, 40 * BYTES_PER_CALL])
def test_of_too_many_bytes_the_first_and_the_last_lines_come(path: Path, writer: BinaryIO, n_bytes: int) -> None:
    follower = LogFollower(path)
    line = b"x" * 999 + b"\n"
    writer.write(b"first\n" + line * (n_bytes // len(line) + 1) + b"last\nun")

    lines = taken(follower)

    assert lines[0] == "first"
    assert lines[-1] == "last"
    assert len(lines) <= LINES_PER_CALL + 1
    assert sum(len(line) for line in lines) < BYTES_PER_CALL + 1_000
    assert sum("bytes are left out here" in line for line in lines) == 1
    assert set(lines[1:-1]) - {"x" * 999} == {line for line in lines if "left out" in line}
    writer.write(b"finished\n")
    assert taken(follower) == ["unfinished"]


def test_an_overlong_line_is_cut_and_says_so(path: Path, writer: BinaryIO) -> None:
    follower = LogFollower(path)
    writer.write(b"x" * (MAX_LINE_CHARS + 7) + b"\n")

    [line] = taken(follower)

    assert line.startswith("x" * MAX_LINE_CHARS + " ")
    assert line.endswith("7 more characters")


def test_a_line_without_end_does_not_hold_up_the_others(path: Path, writer: BinaryIO) -> None:
    follower = LogFollower(path)
    writer.write(b"x" * (3 * BYTES_PER_CALL))

    lines = taken(follower)
    writer.write(b"\nnext\n")

    assert lines[0].startswith("x" * MAX_LINE_CHARS)
    assert max(map(len, lines)) < 2 * MAX_LINE_CHARS
    assert taken(follower) == ["", "next"]


def test_the_file_is_cut_before_it_fills_the_disk(path: Path, writer: BinaryIO) -> None:
    follower = LogFollower(path)
    block = b"".join(b"%07d\n" % n for n in range(2**17))  # 1 MB
    writer.write(b"begin\n")
    largest = 0
    for _ in range(3 * MAX_FILE_BYTES // len(block)):
        writer.write(block)
        taken(follower)
        largest = max(largest, path.stat().st_size)
    writer.write(b"end\n")

    lines = taken(follower)

    assert lines[-1] == "end"
    assert largest <= MAX_FILE_BYTES + 2 * len(block)
    content = path.read_bytes()
    assert content.startswith(b"begin\n")
    assert content.endswith(b"end\n")
    assert content.count(b"trainer.log is cut here") == 1
    assert all(len(line) == 7 or b"cut here" in line for line in content.splitlines()[1:-1])  # no half of a line
    assert content.index(b"[deepracer-local]") > KEPT_FILE_BYTES - 100


def test_a_cut_is_said_and_what_comes_after_it_is_not_lost(path: Path, writer: BinaryIO) -> None:
    follower = LogFollower(path)
    writer.write(b"x\n" * (MAX_FILE_BYTES // 2 + 1))
    taken(follower)
    writer.write(b"after\n")

    lines = taken(follower)

    assert "trainer.log is cut here" in lines[0]
    assert lines[1:] == ["after"]
    assert taken(LogFollower(path)) == []


def test_a_file_that_shrank_is_followed_from_its_end(path: Path, writer: BinaryIO) -> None:
    follower = LogFollower(path)
    writer.write(b"one\ntwo\n")
    taken(follower)
    os.truncate(path, 2)
    writer.write(b"new\n")
    assert taken(follower) == []
    writer.write(b"newer\n")

    assert taken(follower) == ["newer"]


@pytest.mark.parametrize("trap", ["link", "pipe", "folder"])
def test_what_is_no_file_of_its_own_is_not_read(tmp_path: Path, path: Path, trap: str) -> None:
    secret = tmp_path / "token"
    secret.write_text("secret\n")
    if trap == "link":
        path.symlink_to(secret)
    elif trap == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()

    assert taken(LogFollower(path), is_over=True) == []


@pytest.mark.parametrize("mark", [b"-5", b"x", b"9" * 40, b"\xff"])
def test_a_mark_that_somebody_spoilt_does_no_harm(path: Path, writer: BinaryIO, mark: bytes) -> None:
    path.with_name(".trainer.log.carried").write_bytes(mark)
    follower = LogFollower(path)
    taken(follower)
    writer.write(b"next\n")

    assert taken(follower) == ["next"]


def test_a_mark_is_written_into_no_other_file(tmp_path: Path, path: Path, writer: BinaryIO) -> None:
    other = tmp_path / "token"
    other.write_text("secret")
    path.with_name(".trainer.log.carried").symlink_to(other)
    writer.write(b"one\n")

    assert taken(LogFollower(path)) == ["one"]
    assert other.read_text() == "secret"
