"""Importing a model: an archive of the size that the original's default network has."""

from __future__ import annotations

import io
import tarfile
import time
from pathlib import Path

import numpy as np

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.domain import DEFAULT_SANDBOX
from deepracer_local.interop import read_archive

_MB = 25


def measure_imports(folder: Path, *, n: int = 3) -> list[Measurement]:
    """Measures how long an archive of 25 MB takes to be read behind the wall.

    Args:
        folder: an empty one.
        n: readings.
    """
    path = folder / "model.tar"
    numbers = np.random.default_rng(1).bytes(_MB * 10**6)  # weights hardly pack: so does this
    with tarfile.open(path, "w") as tar:
        for name, content in (("model_metadata.json", b'{"action_space": []}'), ("film.mp4", numbers)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    seconds = []
    for _ in range(n):
        started_at = time.perf_counter()
        with path.open("rb") as archive:
            read_archive(archive, folder, DEFAULT_SANDBOX)
        seconds.append(time.perf_counter() - started_at)
    return [median_of(f"an archive of {_MB} MB read behind the wall", seconds, "s", goal="under 5")]
