"""How much this machine takes on at once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY_PER_JOB_BYTES = 1_300_000_000


def default_slots() -> int:
    """Returns one job per core, as far as memory reaches; at least one."""
    by_cores = os.cpu_count() or 1
    return max(1, min(by_cores, _memory_bytes() // MEMORY_PER_JOB_BYTES))


def has_room(folder: Path, min_free_bytes: int) -> bool:
    """Returns whether the disk under ``folder`` has room for another job."""
    return shutil.disk_usage(folder).free >= min_free_bytes


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):  # a system that does not tell
        return 8_000_000_000
