from __future__ import annotations

import errno
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from deepracer_local.artifacts import MemoryStore, Spool, _spool, clear_refused
from deepracer_local.errors import ConflictError, DiskFullError, NotFoundError, StorageError
from tests.unit.artifacts.stores import Failing


def read(store: Spool | MemoryStore, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def pending(spool: Spool) -> list[str]:
    return [artifact.key for artifact in spool.pending()]


class Recording(MemoryStore):
    """Remembers in which order, and as what, artifacts came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[str, str]] = []

    def put(self, key: str, source: bytes | Path, *, content_type: str = "application/octet-stream"):  # type: ignore[no-untyped-def]
        self.came.append((key, content_type))
        return super().put(key, source, content_type=content_type)


def test_a_put_needs_no_store(tmp_path: Path) -> None:
    away = Failing(MemoryStore(), failures=10**9)
    spool = Spool(tmp_path, away)

    stored = spool.put("a", b"x")

    assert away.calls == []
    assert spool.stat("a") == stored
    assert read(spool, "a") == b"x"
    assert pending(spool) == ["a"]


def test_draining_uploads_in_the_order_of_putting_with_the_content_type(tmp_path: Path) -> None:
    store = Recording()
    spool = Spool(tmp_path, store)
    spool.put("z/policy", b"x")
    spool.put("b/trace", b"y", content_type="text/csv")
    spool.put("a/manifest.json", b"{}", content_type="application/json")

    n_uploaded = spool.drain()

    assert n_uploaded == 3
    assert store.came == [
        ("z/policy", "application/octet-stream"),
        ("b/trace", "text/csv"),
        ("a/manifest.json", "application/json"),
    ]
    assert pending(spool) == []
    assert read(spool, "b/trace") == b"y"
    assert sorted(path.name for path in tmp_path.iterdir()) == []


def test_the_order_holds_beyond_nine_and_after_a_restart(tmp_path: Path) -> None:
    for number in range(12):
        Spool(tmp_path, MemoryStore()).put(f"a/{number}", b"x")

    assert pending(Spool(tmp_path, MemoryStore())) == [f"a/{number}" for number in range(12)]


def test_a_failure_in_the_middle_leaves_the_rest_pending(tmp_path: Path) -> None:
    memory = MemoryStore()
    away = Failing(memory)
    spool = Spool(tmp_path, away)
    for key in "abc":
        spool.put(key, key.encode())
    spool.drain(limit=1)
    away.failures = 1

    with pytest.raises(StorageError):
        spool.drain()

    assert pending(spool) == ["b", "c"]
    assert spool.drain() == 2
    assert [artifact.key for artifact in memory.list()] == ["a", "b", "c"]


def test_an_upload_that_was_done_but_not_answered_is_done_again_without_harm(tmp_path: Path) -> None:
    memory = MemoryStore()
    spool = Spool(tmp_path, Failing(memory, failures=1, is_done=True))
    spool.put("a", b"x")

    with pytest.raises(StorageError):
        spool.drain()
    spool.drain()

    assert pending(spool) == []
    assert read(memory, "a") == b"x"


def test_a_pending_key_is_immutable(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MemoryStore())
    first = spool.put("a", b"x")

    assert spool.put("a", b"x") == first
    with pytest.raises(ConflictError):
        spool.put("a", b"y")

    assert pending(spool) == ["a"]
    assert read(spool, "a") == b"x"


def test_what_the_store_refuses_is_kept_aside_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = MemoryStore()
    memory.put("a", b"older")
    spool = Spool(tmp_path, memory)
    refused = spool.put("a", b"newer")
    spool.put("b", b"x")

    n_uploaded = spool.drain()

    assert n_uploaded == 1
    assert pending(spool) == []
    assert spool.refused() == [refused]
    assert read(memory, "a") == b"older"
    assert [record.getMessage() for record in caplog.records] == ["spool.refused"]
    assert (next((tmp_path / "refused").iterdir()) / "content").read_bytes() == b"newer"


def test_damaged_bytes_are_not_uploaded(tmp_path: Path) -> None:
    memory = MemoryStore()
    spool = Spool(tmp_path, memory)
    spool.put("a", b"good")
    next(tmp_path.glob("*/content")).write_bytes(b"baad")

    spool.drain()

    assert memory.list() == []
    assert [artifact.key for artifact in spool.refused()] == ["a"]


def test_an_unreadable_entry_is_a_storage_error_that_names_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MemoryStore())
    spool.put("a", b"x")
    next(tmp_path.glob("*/entry.json")).write_bytes(b"{")

    with pytest.raises(StorageError, match="000000000001"):
        Spool(tmp_path, MemoryStore()).pending()


def test_deleting_removes_what_is_pending_and_what_is_stored(tmp_path: Path) -> None:
    memory = MemoryStore()
    spool = Spool(tmp_path, memory)
    for key in "ab":
        spool.put(key, b"x")
    spool.drain(limit=1)

    spool.delete("a")
    spool.delete("b")
    spool.drain()

    assert memory.list() == []
    assert pending(spool) == []


def test_a_list_is_both_without_doubles(tmp_path: Path) -> None:
    memory = MemoryStore()
    spool = Spool(tmp_path, memory)
    for key in ("a/2", "a/4", "b"):
        memory.put(key, b"x")
    for key in ("a/1", "a/2", "a/5"):
        spool.put(key, b"x")

    assert [artifact.key for artifact in spool.list("a/")] == ["a/1", "a/2", "a/4", "a/5"]
    assert [artifact.key for artifact in spool.list("a/", after="a/1", limit=2)] == ["a/2", "a/4"]


def test_a_reader_of_the_same_folder_sees_what_another_puts_and_drains(tmp_path: Path) -> None:
    memory = MemoryStore()
    writer, reader = Spool(tmp_path, memory), Spool(tmp_path, memory)

    writer.put("a", b"x")
    before = (read(reader, "a"), pending(reader))
    writer.drain()
    after = (read(reader, "a"), pending(reader))

    assert before == (b"x", ["a"])
    assert after == (b"x", [])


def test_a_stream_opened_while_pending_is_read_to_its_end_after_draining(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MemoryStore())
    content = b"0123456789" * 500_000
    spool.put("a", content)

    with spool.open("a") as stream:
        start = stream.read(10)
        spool.drain()
        rest = stream.read()

    assert start + rest == content


def test_drafts_of_a_crash_are_no_entries(tmp_path: Path) -> None:
    (tmp_path / "~draft").mkdir()
    (tmp_path / "~draft" / "content").write_bytes(b"half")
    spool = Spool(tmp_path, MemoryStore())

    assert spool.pending() == []
    assert spool.drain() == 0


def test_old_drafts_are_swept_and_young_ones_left(tmp_path: Path) -> None:
    for name in ("~old", "~young"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "~old", (time.time() - 100_000, time.time() - 100_000))

    Spool(tmp_path, MemoryStore())

    assert [path.name for path in tmp_path.iterdir()] == ["~young"]


def test_check_asks_the_store(tmp_path: Path) -> None:
    spool = Spool(tmp_path, Failing(MemoryStore(), failures=1))

    with pytest.raises(StorageError):
        spool.check()
    spool.check()


def test_nothing_anywhere_is_not_found(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MemoryStore())

    with pytest.raises(NotFoundError):
        spool.stat("a")
    with pytest.raises(NotFoundError):
        spool.open("a")


def test_a_full_disk_is_a_storage_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, MemoryStore())

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(_spool.os, "fsync", full)
        with pytest.raises(DiskFullError):
            spool.put("a", b"x")

    assert list(tmp_path.iterdir()) == []


def test_what_was_refused_long_ago_is_cleared(tmp_path: Path) -> None:
    store = MemoryStore()
    store.put("a", b"other")
    spool = Spool(tmp_path, store)
    spool.put("a", b"xyz")
    spool.put("b", b"good")
    spool.drain()
    [refused] = spool.refused()

    assert clear_refused(tmp_path, before=refused.stored_at) == []
    later = refused.stored_at + timedelta(seconds=1)
    assert clear_refused(tmp_path, before=later, dry_run=True) == spool.refused() == [refused]
    assert clear_refused(tmp_path, before=later) == [refused]
    assert spool.refused() == []
    assert clear_refused(tmp_path / "missing", before=later) == []


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError):
        Spool(tmp_path / "file" / "spool", MemoryStore())


def test_writers_and_drainers_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    store = Recording()
    spool = Spool(tmp_path, store)
    is_over = threading.Event()

    def drain() -> int:
        n_uploaded = 0
        while not is_over.is_set():
            n_uploaded += spool.drain()
        return n_uploaded

    with ThreadPoolExecutor(6) as pool:
        drainers = [pool.submit(drain) for _ in range(2)]
        writers = [
            pool.submit(lambda w=w: [spool.put(f"{w}/{number:03d}", bytes([w])) for number in range(25)])
            for w in range(4)
        ]
        for writer in writers:
            writer.result()
        is_over.set()
        n_uploaded = sum(drainer.result() for drainer in drainers) + spool.drain()

    assert n_uploaded == 100
    assert len(store.came) == 100
    assert len(store.list()) == 100
    for w in range(4):
        assert [key for key, _ in store.came if key.startswith(f"{w}/")] == [
            f"{w}/{number:03d}" for number in range(25)
        ]
