"""Processes of a service under measurement, as Linux shows them."""

from __future__ import annotations

from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Returns the processes that any thread of ``pid`` has started and that still live."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in lists for child in file.read_text(encoding="utf-8").split()]


def trainers_of(service_pid: int) -> list[int]:
    """Returns the trainers of a service: its grandchildren that train or evaluate."""
    grandchildren = [grandchild for child in children_of(service_pid) for grandchild in children_of(child)]
    return [pid for pid in grandchildren if b"deepracer_local.workers" in _command(pid)]


def resident_mb(pid: int) -> float:
    """Returns the memory of a process in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * 4096 / 1e6


def _command(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
