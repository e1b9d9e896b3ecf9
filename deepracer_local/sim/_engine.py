"""PyBullet, imported without its greeting.

The compiled module writes when it was built to standard error at import, past Python's own stream; a command's
messages are no place for it.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType


def _import_quietly() -> ModuleType:
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import pybullet  # noqa: PLC0415  # inside the silence
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    module: ModuleType = pybullet
    return module


pybullet = _import_quietly()

__all__ = ["pybullet"]
