"""When waiting jobs will start, by what is known of those before them. An estimate for people, never a promise."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

from deepracer_local.domain._jobs import JobKind
from deepracer_local.domain._run import StopRules

USUAL_SECONDS: Mapping[JobKind, float] = {
    JobKind.TRAIN: 300.0,
    JobKind.EVALUATE: 15.0,
    JobKind.EXPORT: 6.0,
    JobKind.IMPORT: 1.0,
}
"""How long a job takes before the service has seen any of its kind end."""


def remaining_seconds(rules: StopRules, progress: Mapping[str, Any], elapsed_s: float, usual_s: float) -> float:
    """Returns how long a running training still takes.

    What its own limits leave, and no longer than jobs of its kind usually take; one that is past the usual time counts
    as about to end.

    Args:
        rules: when it ends.
        progress: of its last heartbeat: ``total_steps`` and ``training_seconds``.
        elapsed_s: since it started, >= 0.
        usual_s: how long jobs of its kind take, > 0.
    """
    trained_s = float(progress.get("training_seconds") or 0.0)
    steps = int(progress.get("total_steps") or 0)
    left_s = [usual_s - elapsed_s] if rules.clean_laps or not (rules.max_minutes or rules.max_steps) else []
    if rules.max_minutes is not None:
        left_s.append(60.0 * rules.max_minutes - trained_s)
    if rules.max_steps is not None:
        left_s.append((rules.max_steps - steps) * trained_s / steps if steps and trained_s else usual_s - elapsed_s)
    return max(0.0, min(left_s))


def expected_starts(remaining_s: Sequence[float], waiting_s: Sequence[float], slots: int) -> list[float]:
    """Returns in how many seconds each waiting job starts: each takes the slot that is free first.

    Args:
        remaining_s: of the running jobs, each >= 0; those beyond ``slots`` hold none that anybody waits for.
        waiting_s: how long each waiting job will take, in the order of the queue, each >= 0.
        slots: how many run side by side, >= 1.
    """
    busy = sorted(remaining_s)
    # With more jobs running than there are slots, the first to end free none.
    free_at = busy[max(0, len(busy) - slots) :] + [0.0] * max(0, slots - len(busy))
    heapq.heapify(free_at)
    starts = []
    for duration in waiting_s:
        start = free_at[0]
        heapq.heapreplace(free_at, start + duration)
        starts.append(start)
    return starts
