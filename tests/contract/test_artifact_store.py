"""What every artifact store promises, over all of them, a real S3 server among them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deepracer_local.artifacts import (
    ArtifactStore,
    FolderStore,
    MemoryStore,
    RetryingStore,
    Spool,
    StoredArtifact,
)
from deepracer_local.errors import ConflictError, InvalidInputError, NotFoundError
from tests.s3_server import fresh_store
from tests.unit.artifacts.stores import MALFORMED, EagerSpool, Failing

LARGE = bytes(range(256)) * 9000
"""More than two chunks of reading, and not a whole number of them."""

STORES: dict[str, Callable[[Path], ArtifactStore]] = {
    "memory": lambda _: MemoryStore(),
    "folder": FolderStore,
    "folder, retried": lambda folder: RetryingStore(FolderStore(folder)),
    "folder that fails every second time, retried": lambda folder: RetryingStore(
        Failing(FolderStore(folder), every_second=True), sleep=lambda _: None
    ),
    "S3": lambda _: fresh_store(),
    "spool, nothing drained": lambda folder: Spool(folder / "spool", FolderStore(folder / "store")),
    "spool, all drained": lambda folder: EagerSpool(folder / "spool", FolderStore(folder / "store")),
    "spool before S3, all drained": lambda folder: EagerSpool(folder / "spool", fresh_store()),
}


@pytest.fixture(params=STORES.values(), ids=STORES.keys())
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    made: ArtifactStore = request.param(tmp_path / "artifacts")
    return made


def read(store: ArtifactStore, key: str, *, first_byte: int = 0, last_byte: int | None = None) -> bytes:
    with store.open(key, first_byte=first_byte, last_byte=last_byte) as stream:
        return stream.read()


def keys_of(found: list[StoredArtifact]) -> list[str]:
    return [artifact.key for artifact in found]


@pytest.mark.parametrize("content", [b"", b"x", LARGE], ids=["empty", "one byte", "large"])
def test_what_is_put_is_read(store: ArtifactStore, content: bytes) -> None:
    store.put("jobs/a/file.bin", content)

    assert read(store, "jobs/a/file.bin") == content


def test_a_file_is_put_as_its_content(store: ArtifactStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(LARGE)

    stored = store.put("jobs/a/file.bin", source, content_type="text/csv")

    assert read(store, "jobs/a/file.bin") == LARGE
    assert stored.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert source.read_bytes() == LARGE


def test_a_missing_source_is_not_found(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        store.put("a", tmp_path / "nothing")

    with pytest.raises(NotFoundError):
        store.stat("a")


def test_a_folder_is_no_source(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        store.put("a", tmp_path)


def test_put_and_stat_say_size_hash_and_time(store: ArtifactStore) -> None:
    stored = store.put("jobs/a/file.bin", b"hello")

    assert (stored.key, stored.size) == ("jobs/a/file.bin", 5)
    assert stored.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert stored.stored_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - stored.stored_at) < timedelta(minutes=5)
    found = store.stat("jobs/a/file.bin")
    assert (found.key, found.size, found.sha256) == (stored.key, stored.size, stored.sha256)


def test_the_same_bytes_again_are_fine(store: ArtifactStore) -> None:
    first = store.put("a", b"same")

    again = store.put("a", b"same")

    assert (again.sha256, again.size) == (first.sha256, first.size)
    assert read(store, "a") == b"same"


@pytest.mark.parametrize("other", [b"", b"Same", b"same and more"], ids=["empty", "same length", "longer"])
def test_other_bytes_under_a_key_are_a_conflict_and_change_nothing(store: ArtifactStore, other: bytes) -> None:
    store.put("a", b"same")

    with pytest.raises(ConflictError):
        store.put("a", other)

    assert read(store, "a") == b"same"


def test_nothing_is_not_found(store: ArtifactStore) -> None:
    store.put("a/b", b"x")

    for key in ("b", "a", "a/b/c", "a/b2"):
        with pytest.raises(NotFoundError):
            store.stat(key)
        with pytest.raises(NotFoundError):
            read(store, key)


def test_what_is_deleted_is_gone_and_its_key_free(store: ArtifactStore) -> None:
    store.put("a/b", b"first")
    store.put("a/c", b"other")

    store.delete("a/b")

    with pytest.raises(NotFoundError):
        store.stat("a/b")
    assert keys_of(store.list()) == ["a/c"]
    store.put("a/b", b"second")
    assert read(store, "a/b") == b"second"


def test_deleting_nothing_is_fine(store: ArtifactStore) -> None:
    store.put("a/b/c", b"x")

    for key in ("never", "a", "a/b", "a/b/c/d"):
        store.delete(key)

    assert read(store, "a/b/c") == b"x"


@pytest.mark.parametrize(
    ("first", "last"),
    [(0, None), (0, 0), (3, 5), (5, None), (0, 999), (9, 9), (9, None), (10, None), (100, None), (100, 200), (5, 3)],
)
def test_a_range_is_a_slice(store: ArtifactStore, first: int, last: int | None) -> None:
    content = b"0123456789"
    store.put("a", content)

    part = read(store, "a", first_byte=first, last_byte=last)

    assert part == content[first : None if last is None else last + 1]


@pytest.mark.parametrize(("first", "last"), [(0, None), (0, 5), (1, None)])
def test_a_range_of_an_empty_artifact_is_empty(store: ArtifactStore, first: int, last: int | None) -> None:
    store.put("a", b"")

    assert read(store, "a", first_byte=first, last_byte=last) == b""


@pytest.mark.parametrize(("first", "last"), [(-1, None), (0, -1)])
def test_a_negative_position_is_refused(store: ArtifactStore, first: int, last: int | None) -> None:
    store.put("a", b"x")

    with pytest.raises(InvalidInputError):
        read(store, "a", first_byte=first, last_byte=last)


def test_a_range_of_nothing_is_not_found(store: ArtifactStore) -> None:
    with pytest.raises(NotFoundError):
        read(store, "a", first_byte=5, last_byte=3)


def test_a_stream_can_be_read_in_pieces_beside_another_and_left_early(store: ArtifactStore) -> None:
    store.put("a", LARGE)

    with store.open("a") as one, store.open("a", first_byte=1000) as other:
        pieces = one.read(10) + one.read(100_000)
        assert other.read(7) == LARGE[1000:1007]
        pieces += one.read()

    assert pieces == LARGE


TRICKY = ["a-b/x", "a.b", "a/y", "a/y-1/z", "a/y.csv", "a0", "a_", "A", "b/a/b/c", "b/a/b/d", "b/a/b-", ".hidden"]


def test_a_list_is_in_the_order_of_keys(store: ArtifactStore) -> None:
    for key in TRICKY:
        store.put(key, key.encode())

    found = store.list()

    assert keys_of(found) == sorted(TRICKY)
    assert [artifact.sha256 for artifact in found] == [hashlib.sha256(k.encode()).hexdigest() for k in sorted(TRICKY)]


@pytest.mark.parametrize("prefix", ["a", "a/", "a/y", "a/y-1/", "b/a/", "b/a/b/d", "a-", ".", "nothing", "a/y/"])
def test_a_list_has_all_keys_that_begin_with_its_prefix(store: ArtifactStore, prefix: str) -> None:
    for key in TRICKY:
        store.put(key, b"x")

    found = store.list(prefix)

    assert keys_of(found) == sorted(key for key in TRICKY if key.startswith(prefix))


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_pages_put_together_are_the_whole_list(store: ArtifactStore, limit: int) -> None:
    for key in TRICKY:
        store.put(key, b"x")

    seen: list[str] = []
    while page := store.list(after=seen[-1] if seen else "", limit=limit):
        assert len(page) <= limit
        seen += keys_of(page)

    assert seen == sorted(TRICKY)


@pytest.mark.parametrize("after", ["a/", "a-z", "b/a", "b/a/b/c", "zzz"])
def test_a_page_begins_after_what_need_not_be_there(store: ArtifactStore, after: str) -> None:
    for key in TRICKY:
        store.put(key, b"x")

    assert keys_of(store.list(after=after)) == sorted(key for key in TRICKY if key > after)
    assert keys_of(store.list("a", after=after)) == sorted(k for k in TRICKY if k > after and k.startswith("a"))


@pytest.mark.parametrize("key", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_key_is_refused_everywhere(store: ArtifactStore, key: str) -> None:
    with pytest.raises(InvalidInputError):
        store.put(key, b"x")
    for action in (store.stat, store.delete, store.open):
        with pytest.raises(InvalidInputError) as caught:
            action(key)
        assert not isinstance(caught.value, NotFoundError)

    assert store.list() == []


@pytest.mark.parametrize("prefix", ["/", "../", "a/../", "a//", "a\\", "\0", "～"])
def test_a_malformed_prefix_is_refused(store: ArtifactStore, prefix: str) -> None:
    with pytest.raises(InvalidInputError):
        store.list(prefix)
    with pytest.raises(InvalidInputError):
        store.list(after=prefix)


@pytest.mark.parametrize("keys", [("a", "a/b"), ("a/b", "a")], ids=["file then folder", "folder then file"])
def test_a_key_below_another_never_harms_it(store: ArtifactStore, keys: tuple[str, str]) -> None:
    first, second = keys
    store.put(first, b"first")

    try:
        store.put(second, b"second")
        is_stored = True
    except ConflictError:
        is_stored = False

    assert read(store, first) == b"first"
    assert keys_of(store.list()) == sorted(keys if is_stored else keys[:1])


def test_writers_of_equal_bytes_all_succeed(store: ArtifactStore) -> None:
    together = threading.Barrier(8)

    def put(_: int) -> str:
        together.wait()
        return store.put("a/b/c", LARGE).sha256

    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(put, range(8)))

    assert hashes == {hashlib.sha256(LARGE).hexdigest()}
    assert keys_of(store.list()) == ["a/b/c"]


def test_of_writers_of_different_bytes_exactly_one_succeeds(store: ArtifactStore) -> None:
    together = threading.Barrier(8)

    def put(number: int) -> int | None:
        together.wait()
        try:
            store.put("a/b/c", bytes([number]) * 10_000)
        except ConflictError:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(put, range(8)) if number is not None]

    assert len(winners) == 1
    assert read(store, "a/b/c") == bytes([winners[0]]) * 10_000


def test_a_reader_sees_all_or_nothing(store: ArtifactStore) -> None:
    is_over = threading.Event()

    def watch() -> set[bytes]:
        seen: set[bytes] = set()
        while not is_over.is_set():
            for number in range(5):
                try:
                    seen.add(hashlib.sha256(read(store, f"a/{number}")).digest())
                except NotFoundError:
                    is_over.wait(0.001)
        return seen

    with ThreadPoolExecutor(1) as pool:
        watched = pool.submit(watch)
        for number in range(5):
            store.put(f"a/{number}", LARGE)
        read(store, "a/4")
        is_over.set()

    assert watched.result() <= {hashlib.sha256(LARGE).digest()}


def test_a_store_in_order_is_healthy(store: ArtifactStore) -> None:
    store.check()

    assert store.list() == []
