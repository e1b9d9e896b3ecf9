"""What a folder has to stand that other stores need not: paths, links, crashes, full disks."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.artifacts import FolderStore, StoredArtifact, _folder
from deepracer_local.errors import ConflictError, DeepRacerError, DiskFullError, NotFoundError, StorageError
from tests.unit.artifacts.stores import MALFORMED

CONTENT = bytes(range(256)) * 9000


def read(store: FolderStore, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def tree(folder: Path) -> dict[str, str]:
    """Returns everything below a folder with its content, without following links."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        is_file = stat.S_ISREG(status.st_mode)
        found[str(path.relative_to(folder))] = (
            path.read_text("latin-1") if is_file else oct(stat.S_IFMT(status.st_mode))
        )
    return found


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with a secret beside the store's root."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (tmp_path / "root").mkdir()
    return tmp_path


def attempt_everything(store: FolderStore, key: str) -> list[bytes | StoredArtifact]:
    """Returns whatever a key gives away."""
    got: list[bytes | StoredArtifact] = []
    for action in (
        lambda: got.append(read(store, key)),
        lambda: got.append(store.stat(key)),
        lambda: got.extend(store.list(key)),
        lambda: store.put(key, b"overwritten"),
        lambda: store.delete(key),
    ):
        try:
            action()
        except DeepRacerError:
            continue
    return got


@pytest.mark.parametrize("key", [*MALFORMED.values(), "../secret", "../outside/secret", "a/../../secret"])
def test_no_malformed_key_leaves_the_root(world: Path, key: str) -> None:
    store = FolderStore(world / "root")
    before = tree(world)

    assert attempt_everything(store, key) == []
    assert tree(world) == before


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(["..", ".", "", "secret", "outside", "root", "\\", "\0", "~partial", "．．", "a"]), max_size=6
    )
)
def test_no_path_leaves_the_root(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    world = tmp_path_factory.mktemp("world")
    (world / "secret").write_text("secret")
    store = FolderStore(world / "root")

    got = attempt_everything(store, "/".join(parts))

    assert b"secret" not in got
    assert sorted(path.name for path in world.iterdir()) == ["root", "secret"]
    assert (world / "secret").read_text() == "secret"


def test_a_link_inside_the_root_does_not_lead_out_of_it(world: Path) -> None:
    store = FolderStore(world / "root")
    (world / "root" / "folder").symlink_to(world / "outside")
    (world / "root" / "file").symlink_to(world / "secret")
    (world / "root" / "real").mkdir()
    (world / "root" / "real" / "up").symlink_to("../../outside")
    before = tree(world)

    for key in ("folder/secret", "folder/new", "file", "folder", "real/up/secret", "real/up/new"):
        assert attempt_everything(store, key) == []
        with pytest.raises(ConflictError):
            store.put(key, b"overwritten")

    assert store.list() == []
    assert tree(world) == before


def test_what_is_no_plain_file_is_not_there(world: Path) -> None:
    store = FolderStore(world / "root")
    os.mkfifo(world / "root" / "pipe")

    with pytest.raises(NotFoundError):
        store.stat("pipe")
    with pytest.raises(ConflictError):
        store.put("pipe", b"x")
    store.delete("pipe")

    assert stat.S_ISFIFO((world / "root" / "pipe").lstat().st_mode)


def test_the_folder_of_drafts_is_no_key(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / _folder.PARTIAL / "draft").write_bytes(b"half")

    assert store.list() == []


def test_damage_shows_in_the_hash(tmp_path: Path) -> None:
    FolderStore(tmp_path).put("a", b"good")
    store = FolderStore(tmp_path)
    before = store.stat("a")
    (tmp_path / "a").write_bytes(b"baad")

    after = store.stat("a")

    assert before.sha256 == hashlib.sha256(b"good").hexdigest()
    assert after.sha256 == hashlib.sha256(b"baad").hexdigest()
    with pytest.raises(ConflictError):
        store.put("a", b"good")


def test_two_stores_on_one_folder_are_one(tmp_path: Path) -> None:
    one, other = FolderStore(tmp_path), FolderStore(tmp_path)
    one.put("a", b"x")

    assert read(other, "a") == b"x"
    other.delete("a")
    with pytest.raises(NotFoundError):
        one.stat("a")


def test_old_drafts_are_swept_and_young_ones_left(tmp_path: Path) -> None:
    FolderStore(tmp_path)
    old, young = tmp_path / _folder.PARTIAL / "old", tmp_path / _folder.PARTIAL / "young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 100_000, time.time() - 100_000))

    FolderStore(tmp_path)

    assert not old.exists()
    assert young.exists()


def test_a_root_that_vanished_is_a_storage_error_and_not_an_empty_store(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "root")
    store.put("a", b"x")
    (tmp_path / "root").rename(tmp_path / "elsewhere")

    for action in (
        store.check,
        store.list,
        lambda: store.stat("a"),
        lambda: store.put("b", b"x"),
        lambda: store.delete("a"),
    ):
        with pytest.raises(StorageError):
            action()


def test_a_root_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError):
        FolderStore(tmp_path / "file" / "root")


class Crash(BaseException):
    """The process is gone."""


class FaultyOs:
    """The module ``os``, in which one call fails; after a crash every further call fails too."""

    CHANGING = ("open", "mkdir", "fsync", "link", "unlink", "write")

    def __init__(self, fail_at: int, error: BaseException) -> None:
        self.fail_at = fail_at
        self.error = error
        self.calls: list[str] = []
        self.litter: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name == "fdopen":
            return self._fdopen
        if name not in {*self.CHANGING, "close"}:
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            if name != "close" or isinstance(self.error, Crash):
                self.count(name)
            return real(*args, **kwargs)

        return call

    def _fdopen(self, descriptor: int, mode: str) -> Any:
        file = os.fdopen(descriptor, mode)
        self.litter.append(file)
        return FaultyFile(file, self) if "w" in mode else file

    def count(self, name: str) -> None:
        is_dead = isinstance(self.error, Crash) and len(self.calls) >= self.fail_at
        self.calls.append(name)
        if is_dead or len(self.calls) == self.fail_at:
            raise self.error


class FaultyFile:
    def __init__(self, file: Any, faulty: FaultyOs) -> None:
        self.file = file
        self.faulty = faulty

    def __enter__(self) -> FaultyFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, content: bytes) -> int:
        half = len(content) // 2
        self.file.write(content[:half])
        self.file.flush()
        self.faulty.count("write")
        return half + int(self.file.write(content[half:]))


def put_with_fault(monkeypatch: pytest.MonkeyPatch, store: FolderStore, faulty: FaultyOs) -> BaseException | None:
    with monkeypatch.context() as patch:
        patch.setattr(_folder, "os", faulty)
        try:
            store.put("jobs/a/1/file", CONTENT)
        except (Crash, StorageError) as err:
            return err
        finally:
            for file in faulty.litter:
                file.close()
    return None


def test_a_file_is_on_the_disk_before_it_has_its_name_and_the_name_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = FaultyOs(10**9, Crash())

    put_with_fault(monkeypatch, FolderStore(tmp_path), faulty)

    calls = faulty.calls
    last_write = len(calls) - 1 - calls[::-1].index("write")
    assert "fsync" in calls[last_write : calls.index("link")]
    assert "fsync" in calls[calls.index("link") :]
    made = [i for i, name in enumerate(calls) if name == "mkdir"]
    assert len(made) == 3
    assert all("fsync" in calls[i : i + 2] for i in made)


def test_a_crash_at_any_call_leaves_the_whole_object_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[bool] = []
    for n in range(1, 100):
        root = tmp_path / str(n)
        is_over = put_with_fault(monkeypatch, FolderStore(root), FaultyOs(n, Crash())) is None

        survivor = FolderStore(root)
        found = survivor.list()
        ends.append(bool(found))
        for artifact in found:
            assert artifact.key == "jobs/a/1/file"
            assert read(survivor, artifact.key) == CONTENT
        assert survivor.put("jobs/a/1/file", CONTENT).size == len(CONTENT)
        assert read(survivor, "jobs/a/1/file") == CONTENT
        if is_over:
            break
    else:
        pytest.fail("the put never came to its end")

    # Absent in the first crashes, present in the last ones, and never in between.
    assert ends == sorted(ends)
    assert not ends[0]
    assert ends[-1]
    assert len(ends) > 15


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_full_or_broken_disk_at_any_call_is_a_storage_error_without_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    n_failed = 0
    for n in range(1, 100):
        root = tmp_path / str(n)
        store = FolderStore(root)

        faulty = FaultyOs(n, OSError(number, os.strerror(number)))
        err = put_with_fault(monkeypatch, store, faulty)

        if err is None:
            break
        n_failed += 1
        assert isinstance(err, StorageError)
        assert isinstance(err.__cause__, OSError)
        assert err.__cause__.errno == number
        assert isinstance(err, DiskFullError) == (number != errno.EIO)
        assert [found.size for found in store.list()] in ([], [len(CONTENT)])
        if faulty.calls[n - 1] != "unlink":
            assert list((root / _folder.PARTIAL).iterdir()) == []
        assert store.put("jobs/a/1/file", CONTENT).size == len(CONTENT)

    assert n_failed > 10


def test_a_file_system_without_hard_links_is_found_by_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)

    with pytest.raises(StorageError):
        store.check()
    assert list((tmp_path / _folder.PARTIAL).iterdir()) == []


WRITER = """
import hashlib, sys
from pathlib import Path
from deepracer_local.artifacts import FolderStore
store = FolderStore(Path(sys.argv[1]))
for number in range(100_000):
    content = str(number).encode() * 50_000
    store.put(f"a/{number % 7}/{hashlib.sha256(content).hexdigest()}", content)
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_what_it_reported_and_nothing_half(tmp_path: Path) -> None:
    for round_number in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        for _ in range(5 + round_number):
            last = writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().splitlines()
        writer.wait()
        writer.stdout.close()
        n_reported = int(rest[-1] if rest else last) + 1

        found = FolderStore(tmp_path).list()

        assert n_reported <= len(found)
        assert all(artifact.key.endswith(artifact.sha256) for artifact in found)
