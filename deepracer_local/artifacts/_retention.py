"""What is kept: the best checkpoint, the last one, every n-th; and how the rest is removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from deepracer_local.artifacts._store import ArtifactStore
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


def clean_up(store: ArtifactStore, prefix: str, *, keep: Collection[str], before: datetime) -> list[str]:
    """Removes what lies under ``prefix`` and is neither to be kept nor young; returns the removed keys.

    Manifests go first, so that no manifest names what is gone. Deleting twice is fine: after a failure, run it again.

    Args:
        store: where.
        prefix: of the keys in question; the empty one is the whole store.
        keep: keys that something points to.
        before: only what was stored before this instant is removed; what is younger may be waiting for its pointer.

    Raises:
        StorageError: the store is out of reach; some may be removed.
    """
    doomed: list[str] = []
    after = ""
    while page := store.list(prefix, after=after):
        doomed += [found.key for found in page if found.key not in keep and found.stored_at < before]
        after = page[-1].key
    doomed.sort(key=lambda key: (not key.endswith(f"/{MANIFEST}"), key))
    for key in doomed:
        store.delete(key)
    return doomed
