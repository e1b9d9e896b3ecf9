"""What is kept: the best checkpoint, the last one, every n-th; and how the rest is removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from deepracer_local.artifacts._store import ArtifactStore, StoredArtifact
from deepracer_local.artifacts.keys import MANIFEST


def outdated(iterations: Iterable[int], *, best: int | None, last: int | None, keep_every: int) -> list[int]:
    """Returns, in order, the checkpoints that need not be kept: neither best nor last nor of every n-th iteration.

    Args:
        iterations: after which there is a checkpoint.
        best: the best one's, or None.
        last: the last one's, or None.
        keep_every: iterations divisible by it stay for good; 0 keeps none for good.
    """
    return sorted(i for i in iterations if i not in {best, last} and not (keep_every and i % keep_every == 0))


def clean_up(
    store: ArtifactStore,
    prefix: str,
    *,
    needed: Callable[[Collection[str]], Collection[str]],
    before: datetime,
    dry_run: bool = False,
) -> list[StoredArtifact]:
    """Removes what lies under ``prefix`` and is neither needed nor young; returns what was removed.

    A manifest stays as long as anything beside it. Manifests go first, so that no manifest names what is gone. Deleting
    twice is fine: after a failure, run it again.

    Args:
        store: where.
        prefix: of the keys in question; the empty one is the whole store.
        needed: returns those of some keys that something points to. It is asked once, after everything was listed.
        before: only what was stored before this instant is removed; what is younger may be waiting for its pointer.
        dry_run: removes nothing, and returns what would be.

    Raises:
        StorageError: the store is out of reach; some may be removed.
    """
    old: dict[str, StoredArtifact] = {}
    after = ""
    while page := store.list(prefix, after=after):
        old.update((found.key, found) for found in page if found.stored_at < before)
        after = page[-1].key
    kept = set(needed(old.keys()))
    kept_folders = {_folder_of(key) for key in kept}
    doomed = [key for key in old if key not in kept and not (_is_manifest(key) and _folder_of(key) in kept_folders)]
    doomed.sort(key=lambda key: (not _is_manifest(key), key))
    if not dry_run:
        for key in doomed:
            store.delete(key)
    return [old[key] for key in doomed]


def _is_manifest(key: str) -> bool:
    return key.endswith(f"/{MANIFEST}")


def _folder_of(key: str) -> str:
    return key.rpartition("/")[0]
