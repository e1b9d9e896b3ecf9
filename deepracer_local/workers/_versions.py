"""Which program, packages and platform made a run."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("deepracer-local", "torch", "stable-baselines3", "gymnasium", "pybullet", "numba", "numpy")


def versions() -> dict[str, str]:
    """Returns the versions of program, packages and platform."""
    found = {"python": platform.python_version(), "platform": platform.platform(), "byte_order": sys.byteorder}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # PyBullet has another name on newer Pythons
            found[package] = "not installed"
    return found
