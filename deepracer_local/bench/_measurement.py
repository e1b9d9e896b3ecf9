"""One measured figure, and what it was measured on."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any


@dataclass(frozen=True, slots=True)
class Measurement:
    """A figure with the single readings that it comes from."""

    name: str
    value: float
    unit: str
    readings: tuple[float, ...]
    goal: str = ""
    """What the project asks of itself, in words; empty for a figure that is only there to compare with."""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self)


def median_of(name: str, readings: Sequence[float], unit: str, *, goal: str = "", note: str = "") -> Measurement:
    """Returns the median of ``readings`` as a measurement."""
    return Measurement(name, statistics.median(readings), unit, tuple(readings), goal, note)


def machine() -> dict[str, Any]:
    """Returns what a reader must know to compare figures."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "platform": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "stable-baselines3", "gymnasium", "numba", "numpy")},
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123  # not a file of ours
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()
