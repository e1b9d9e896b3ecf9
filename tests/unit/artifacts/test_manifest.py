from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from deepracer_local.artifacts import FolderStore, Manifest, MemoryStore, fetch, read_manifest, verify, write_manifest
from deepracer_local.errors import ConflictError, NotFoundError, StorageError
from tests.unit.artifacts.stores import Failing


def filled(store: MemoryStore | FolderStore) -> Manifest:
    return Manifest.of(
        {
            "policy.safetensors": store.put("c/policy.safetensors", b"weights"),
            "model.json": store.put("c/model.json", b"{}"),
        }
    )


def test_a_manifest_reads_back_equal() -> None:
    store = MemoryStore()
    manifest = filled(store)

    write_manifest(store, "c/manifest.json", manifest)

    assert read_manifest(store, "c/manifest.json") == manifest
    assert manifest.entries["model.json"].key == "c/model.json"
    assert manifest.entries["model.json"].size == 2


def test_an_equal_manifest_again_is_fine_whatever_its_order_and_another_is_a_conflict() -> None:
    store = MemoryStore()
    artifacts = {name: store.put(f"c/{name}", name.encode()) for name in ("a", "b")}
    write_manifest(store, "c/manifest.json", Manifest.of(artifacts))

    write_manifest(store, "c/manifest.json", Manifest.of(dict(reversed(artifacts.items()))))

    with pytest.raises(ConflictError):
        write_manifest(store, "c/manifest.json", Manifest.of({"a": artifacts["a"]}))


def test_no_manifest_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        read_manifest(MemoryStore(), "c/manifest.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"entries": {"a": {"key": "a", "size": 1}}}',
        b'{"format_version": 2, "entries": {}}',
        b'{"entries": {}, "more": 1}',
        b'{"entries": {"../a": {"key": "a", "size": 1, "sha256": "%s"}}}' % (b"0" * 64),
        b'{"entries": {"a": {"key": "/a", "size": 1, "sha256": "%s"}}}' % (b"0" * 64),
        b'{"entries": {}}' + b" " * 2_000_000 + b"x",
    ],
    ids=["empty", "cut", "a list", "no hash", "newer", "unknown field", "path as name", "path as key", "huge"],
)
def test_a_damaged_manifest_is_a_storage_error(content: bytes) -> None:
    store = MemoryStore()
    store.put("c/manifest.json", content)

    with pytest.raises(StorageError):
        read_manifest(store, "c/manifest.json")


@pytest.mark.parametrize("name", ["../x", "/x", "", "a\\b"])
def test_a_name_that_leaves_the_folder_makes_no_manifest(name: str) -> None:
    stored = MemoryStore().put("a", b"x")

    with pytest.raises(ValidationError):
        Manifest.of({name: stored})


def test_verify_names_what_is_missing_or_differs(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    manifest = filled(store)
    assert verify(store, manifest) == []

    (tmp_path / "c" / "policy.safetensors").write_bytes(b"weightz")
    store.delete("c/model.json")

    assert verify(store, manifest) == ["model.json", "policy.safetensors"]


def test_verify_does_not_take_an_outage_for_damage() -> None:
    store = MemoryStore()
    manifest = filled(store)

    with pytest.raises(StorageError):
        verify(Failing(store, failures=1), manifest)


def test_fetch_copies_everything_and_makes_folders(tmp_path: Path) -> None:
    store = MemoryStore()
    manifest = Manifest.of({"model.json": store.put("c/1", b"{}"), "trace/0.csv": store.put("c/2", b"a,b")})

    fetch(store, manifest, tmp_path / "here")

    found = {str(p.relative_to(tmp_path)): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"here/model.json": b"{}", "here/trace/0.csv": b"a,b"}


@pytest.mark.parametrize("harm", ["damaged", "missing"])
def test_fetch_never_leaves_a_wrong_file(tmp_path: Path, harm: str) -> None:
    store = FolderStore(tmp_path / "store")
    manifest = filled(store)
    if harm == "damaged":
        (tmp_path / "store" / "c" / "policy.safetensors").write_bytes(b"weightz")
    else:
        store.delete("c/policy.safetensors")

    with pytest.raises(StorageError):
        fetch(store, manifest, tmp_path / "here")

    assert [path.name for path in (tmp_path / "here").iterdir()] == ["model.json"]


def test_fetch_onto_a_disk_that_fails_is_a_storage_error(tmp_path: Path) -> None:
    store = MemoryStore()
    manifest = filled(store)
    (tmp_path / "here").write_bytes(b"a file")

    with pytest.raises(StorageError):
        fetch(store, manifest, tmp_path / "here")
