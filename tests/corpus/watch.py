"""What must hold whatever a reward function does; ``test_controls`` shows that each of these can fail."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CANARY_VARIABLE = "DEEPRACER_TEST_CANARY"
ESCAPES = (Path("escaped"), Path("/dev/shm/deepracer-escaped"))
_PATIENCE_S = 5.0
_PR_SET_CHILD_SUBREAPER = 36


class Watch:
    """A file with a secret, a secret in the environment, and a folder in which nothing may change."""

    def __init__(self, folder: Path, secret: str) -> None:
        self.secret = secret
        self.guarded = folder / "guarded"
        self.guarded.mkdir()
        (self.guarded / "notes.txt").write_text("nothing")
        self.canary_file = self.guarded / "secret.txt"
        self.canary_file.write_text(secret)
        self._before = snapshot(self.guarded)
        self._processes = descendants()

    def require_untouched(self) -> None:
        """Fails where a file was made, changed or removed."""
        assert snapshot(self.guarded) == self._before
        assert not [path for path in ESCAPES if path.exists()]

    def require_no_process(self) -> None:
        """Fails where a process is left; what has been told to end gets a moment."""
        pause = threading.Event()
        end_at = time.monotonic() + _PATIENCE_S
        while left := descendants() - self._processes:
            assert time.monotonic() < end_at, f"left behind: {sorted(map(command_of, left))}"
            pause.wait(0.01)

    def require_no_secret(self, *outputs: Any) -> None:
        """Fails where the secret stands in what anybody can read."""
        assert self.secret not in repr(outputs)


def snapshot(folder: Path) -> dict[str, tuple[int, ...]]:
    """Returns kind, rights, size, times and number of everything below a folder."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        it = path.lstat()
        found[str(path)] = (it.st_mode, it.st_size, it.st_mtime_ns, it.st_ctime_ns, it.st_ino)
    return found


def descendants(root: int | None = None) -> set[int]:
    """Returns the processes that this one has started, and theirs; ended ones that nobody waited for too."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found: set[int] = set()
    pending = {root or os.getpid()}
    while pending:
        pending = {process for process, parent in parents.items() if parent in pending} - found
        found |= pending
    return found


def command_of(process: int) -> str:
    """Returns what a process was started as."""
    try:
        return f"{process} " + Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return f"{process} (gone)"


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Makes this process the parent of every grandchild whose parent ends, so that none gets out of sight."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
