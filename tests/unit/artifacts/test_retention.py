from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.artifacts import MemoryStore, StoredArtifact, clean_up, outdated
from deepracer_local.errors import StorageError
from tests.unit.artifacts.stores import Failing

FUTURE = datetime.now(UTC) + timedelta(days=1)


def nothing(_keys: Collection[str]) -> set[str]:
    return set()


def keys_of(artifacts: list[StoredArtifact]) -> list[str]:
    return [artifact.key for artifact in artifacts]


@pytest.mark.parametrize(
    ("best", "last", "keep_every", "expected"),
    [
        (3, 12, 5, [1, 2, 4, 6, 7, 8, 9, 11]),
        (5, 5, 5, [1, 2, 3, 4, 6, 7, 8, 9, 11, 12]),
        (None, None, 0, list(range(1, 13))),
        (1, 12, 0, list(range(2, 12))),
        (1, 2, 1, []),
    ],
)
def test_best_last_and_every_nth_are_kept(
    best: int | None, last: int | None, keep_every: int, expected: list[int]
) -> None:
    assert outdated(range(1, 13), best=best, last=last, keep_every=keep_every) == expected


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sets(st.integers(0, 200)), st.integers(0, 200), st.integers(0, 200), st.integers(0, 20))
def test_what_is_outdated_once_stays_so_and_best_and_last_never_are(
    iterations: set[int], best: int, last: int, keep_every: int
) -> None:
    doomed = set(outdated(iterations, best=best, last=last, keep_every=keep_every))
    left = iterations - doomed

    assert doomed <= iterations - {best, last}
    assert outdated(left, best=best, last=last, keep_every=keep_every) == []


def test_clean_up_removes_what_nothing_points_to_below_its_prefix() -> None:
    store = MemoryStore()
    for key in ("jobs/a/1/x", "jobs/a/1/y", "jobs/a/2/x", "jobs/b/1/x"):
        store.put(key, b"x")

    removed = clean_up(store, "jobs/a/", needed={"jobs/a/1/y"}.intersection, before=FUTURE)

    assert keys_of(removed) == ["jobs/a/1/x", "jobs/a/2/x"]
    assert [artifact.key for artifact in store.list()] == ["jobs/a/1/y", "jobs/b/1/x"]


def test_clean_up_leaves_what_is_young() -> None:
    store = MemoryStore()
    store.put("a", b"x")

    assert clean_up(store, "", needed=nothing, before=datetime.now(UTC) - timedelta(hours=1)) == []
    assert len(store.list()) == 1


def test_clean_up_removes_manifests_first() -> None:
    store = Failing(MemoryStore())
    for key in ("c/1/a.bin", "c/1/manifest.json", "c/2/a.bin", "c/2/manifest.json"):
        store.put(key, b"x")

    removed = clean_up(store, "c/", needed=nothing, before=FUTURE)

    assert keys_of(removed) == ["c/1/manifest.json", "c/2/manifest.json", "c/1/a.bin", "c/2/a.bin"]


def test_a_manifest_stays_with_what_it_names() -> None:
    store = MemoryStore()
    for key in ("c/1/a.bin", "c/1/manifest.json", "c/2/a.bin", "c/2/manifest.json"):
        store.put(key, b"x")

    removed = clean_up(store, "", needed={"c/2/a.bin"}.intersection, before=FUTURE)

    assert keys_of(removed) == ["c/1/manifest.json", "c/1/a.bin"]
    assert keys_of(store.list()) == ["c/2/a.bin", "c/2/manifest.json"]


def test_a_dry_run_says_the_same_and_removes_nothing() -> None:
    store = MemoryStore()
    for key in ("a", "b"):
        store.put(key, b"xyz")

    said = clean_up(store, "", needed=nothing, before=FUTURE, dry_run=True)

    assert [(found.key, found.size) for found in said] == [("a", 3), ("b", 3)]
    assert store.list() == said


def test_clean_up_sees_every_page() -> None:
    store = MemoryStore()
    for number in range(2100):
        store.put(f"a/{number:05d}", b"x")

    assert len(clean_up(store, "a/", needed=nothing, before=FUTURE)) == 2100
    assert store.list() == []


def test_clean_up_that_was_interrupted_is_finished_by_the_next() -> None:
    memory = MemoryStore()
    for number in range(5):
        memory.put(f"a/{number}", b"x")

    class Dying(Failing):
        def delete(self, key: str) -> None:
            if key == "a/2":
                raise StorageError("Expected an answer, got none.")
            super().delete(key)

    with pytest.raises(StorageError):
        clean_up(Dying(memory), "a/", needed=nothing, before=FUTURE)

    assert keys_of(clean_up(memory, "a/", needed=nothing, before=FUTURE)) == ["a/2", "a/3", "a/4"]
