from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from deepracer_local.artifacts import ArtifactStore, MemoryStore, RetryingStore
from deepracer_local.artifacts._streams import CountedReader
from deepracer_local.errors import ConflictError, InvalidInputError, NotFoundError, StorageError
from tests.unit.artifacts.stores import Failing

ACTIONS: dict[str, Callable[[ArtifactStore], object]] = {
    "put": lambda store: store.put("new", b"x"),
    "open": lambda store: store.open("old"),
    "stat": lambda store: store.stat("old"),
    "list": lambda store: store.list(),
    "delete": lambda store: store.delete("old"),
}


@pytest.fixture
def memory() -> MemoryStore:
    store = MemoryStore()
    store.put("old", b"0123456789")
    return store


def retrying(store: ArtifactStore, *, attempts: int = 5, delays: list[float] | None = None) -> RetryingStore:
    return RetryingStore(
        store, attempts=attempts, sleep=[].append if delays is None else delays.append, random=lambda: 0.5
    )


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS.keys())
def test_an_action_that_fails_less_often_than_it_is_tried_succeeds(
    memory: MemoryStore, action: Callable[[ArtifactStore], object]
) -> None:
    failing = Failing(memory, failures=4)

    action(retrying(failing))

    assert len(failing.calls) == 5


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS.keys())
def test_an_action_is_tried_as_often_as_said_and_not_more(
    memory: MemoryStore, action: Callable[[ArtifactStore], object]
) -> None:
    failing = Failing(memory, failures=100)

    with pytest.raises(StorageError):
        action(retrying(failing, attempts=3))

    assert len(failing.calls) == 3


def test_a_put_that_was_done_but_not_answered_succeeds(memory: MemoryStore) -> None:
    unheard = Failing(memory, failures=1, is_done=True)

    stored = retrying(unheard).put("new", b"x")

    assert len(unheard.calls) == 2
    assert stored == memory.stat("new")


def test_a_delete_that_was_done_but_not_answered_succeeds(memory: MemoryStore) -> None:
    retrying(Failing(memory, failures=1, is_done=True)).delete("old")

    with pytest.raises(NotFoundError):
        memory.stat("old")


def test_what_is_wrong_is_not_tried_again(memory: MemoryStore) -> None:
    failing = Failing(memory)
    store = retrying(failing)

    with pytest.raises(ConflictError):
        store.put("old", b"other")
    with pytest.raises(NotFoundError):
        store.stat("nothing")
    with pytest.raises(InvalidInputError):
        store.stat("..")

    assert len(failing.calls) == 3


def test_check_says_how_it_is_now(memory: MemoryStore) -> None:
    failing = Failing(memory, failures=1)
    store = retrying(failing)

    with pytest.raises(StorageError):
        store.check()
    store.check()

    assert failing.calls == ["check", "check"]


def test_waits_double_up_to_a_bound_and_are_scaled_by_chance(memory: MemoryStore) -> None:
    delays: list[float] = []

    with pytest.raises(StorageError):
        retrying(Failing(memory, failures=100), attempts=9, delays=delays).stat("old")

    assert delays == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.5, 2.5, 2.5])


def test_no_attempt_at_all_is_refused(memory: MemoryStore) -> None:
    with pytest.raises(InvalidInputError):
        RetryingStore(memory, attempts=0)


class Breaking(MemoryStore):
    """Its streams give three bytes each and break then."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[int, int | None]] = []
        self.n_closed = 0

    def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None):  # type: ignore[no-untyped-def]
        self.opened.append((first_byte, last_byte))
        source = super().open(key, first_byte=first_byte, last_byte=last_byte).__enter__()
        chunks = itertools.chain([source.read(3)], itertools.repeat(None))

        def read(_: int) -> bytes:
            content = next(chunks)
            if content is None:
                raise StorageError("Expected more bytes, got a reset.")
            return content

        def close() -> None:
            self.n_closed += 1

        return CountedReader(read, close=close)


@pytest.mark.parametrize(("first", "last"), [(0, None), (2, 8), (9, None), (0, 3)])
def test_a_stream_that_breaks_goes_on_where_it_broke(first: int, last: int | None) -> None:
    breaking = Breaking()
    breaking.put("a", b"0123456789")

    with retrying(breaking).open("a", first_byte=first, last_byte=last) as stream:
        content = stream.read()

    assert content == b"0123456789"[first : None if last is None else last + 1]
    assert {end for _, end in breaking.opened} == {last}
    assert breaking.n_closed == len(breaking.opened)


def test_a_stream_that_never_gives_a_byte_is_given_up() -> None:
    memory = MemoryStore()
    memory.put("a", b"0123456789")
    failing = Failing(memory)

    with retrying(failing, attempts=3).open("a") as stream:
        assert stream.read(0) == b""
        assert len(failing.calls) == 1
        failing.failures = 100
        memory.delete("a")
        assert stream.read() == b"0123456789"


def test_a_stream_whose_store_stays_away_ends_with_an_error() -> None:
    class Dead(Breaking):
        def open(self, key: str, *, first_byte: int = 0, last_byte: int | None = None):  # type: ignore[no-untyped-def]
            if self.opened:
                self.opened.append((first_byte, last_byte))
                raise StorageError("Expected an answer, got none.")
            return super().open(key, first_byte=first_byte, last_byte=last_byte)

    dead = Dead()
    dead.put("a", b"0123456789")

    with retrying(dead, attempts=3).open("a") as stream, pytest.raises(StorageError):
        stream.read()

    assert dead.n_closed == 1
