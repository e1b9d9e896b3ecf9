"""Removing run directories that nobody works in any more."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from deepracer_local.runs._files import remove_tree


def clean_up_runs(
    folder: Path, *, needed: Callable[[Collection[str]], Collection[str]], before: datetime, dry_run: bool = False
) -> dict[str, int]:
    """Removes the run directories below ``folder`` that are neither needed nor young.

    Args:
        folder: whose folders are run directories named after their jobs; it may be missing.
        needed: returns those of some names whose directories must stay.
        before: only what did not change since this instant is removed.
        dry_run: removes nothing, and returns what would be.

    Returns:
        The bytes of each removed directory, by its name.
    """
    if not folder.is_dir():
        return {}
    old = {path.name: path for path in sorted(folder.iterdir()) if _changed_at(path) < before.timestamp()}
    doomed = sorted(old.keys() - set(needed(old.keys())))
    sizes = {name: sum(_size(path) for path in old[name].rglob("*")) for name in doomed}
    if not dry_run:
        for name in doomed:
            remove_tree(old[name])
    return sizes


def _changed_at(path: Path) -> float:
    """Returns when a run directory was last written to, in seconds; what is none is as young as can be."""
    if path.is_symlink() or not path.is_dir():
        return float("inf")
    return max(entry.lstat().st_mtime for entry in (path, *path.iterdir()))


def _size(path: Path) -> int:
    status = path.lstat()
    return status.st_size if path.is_file() else 0
