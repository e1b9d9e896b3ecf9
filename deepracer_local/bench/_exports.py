"""Making the physical car's archive of a trained network: the drive, the file and its self-test."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.domain import ExportFormat
from deepracer_local.errors import WorldError
from deepracer_local.runs import RunDirectory
from deepracer_local.workers.exporting import export_run

NETWORKS = ("fast", "shallow", "deep")
"""The service's default, the original's, and the one with the largest file."""


def measure_exports(folder: Path, *, n: int = 3) -> list[Measurement]:
    """Measures how long an export takes, in a process that has loaded the learner, as the service's jobs have.

    Args:
        folder: an empty one; holds a training of one update for each network.
        n: readings of each.

    Raises:
        WorldError: a training fails.
    """
    found = []
    for network in NETWORKS:
        run = _trained(folder / network, network)
        seconds = []
        for i in range(n):
            started_at = time.perf_counter()
            [made] = export_run(run, [ExportFormat.CAR], target=folder / f"{network}-{i}.tar.gz")
            seconds.append(time.perf_counter() - started_at)
        name = f"the car's archive of the {network} network, with its drive and self-test"
        note = f"{made.report.size / 1e6:.1f} MB, {made.report.agreement:.1%} of {made.report.frames} frames"
        found.append(median_of(name, seconds, "s", goal="under 3", note=note))
    return found


def _trained(path: Path, network: str) -> RunDirectory:
    command = [sys.executable, "-m", "deepracer_local", "train", "--track", "oval", "--network", network, "--cars", "2"]
    done = subprocess.run(
        [*command, "--max-steps", "64", "--out", str(path), "--json"], capture_output=True, check=False
    )
    if done.returncode != 0:
        raise WorldError(f"Expected a short training, it failed: {done.stderr.decode(errors='replace')[-500:]}")
    return RunDirectory(path)
