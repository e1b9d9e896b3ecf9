"""From a command to three clean laps, in wall-clock seconds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.errors import WorldError
from deepracer_local.runs import RunDirectory

LAPS = 3
_MEASURED = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)
"""Runs a command and prints its peak memory. A small process in between, for Linux counts what a process was before it
became another program: of a child of ours, all that we hold."""


def measure_training(seeds: Sequence[int], *, announce: Callable[[str], None]) -> list[Measurement]:
    """Runs the ``train`` command once per seed until three clean deterministic laps in a row.

    The clock starts before the command's process and stops at the instant written with the evaluation that passed.
    Camera pixels, five steering angles at 1 m/s, the centre-line reward, default physics, the fast preset. Every seed
    counts; none is run again.

    Args:
        seeds: one training each, one after the other.
        announce: is told about each result.
    """
    to_laps, whole, steps, peaks_gb = [], [], [], []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            first_s, whole_s, n_steps, peak_gb = _train(Path(folder) / "run", seed)
        announce(f"seed {seed}: {LAPS} clean laps after {first_s:.1f} s, {n_steps:,} steps")
        to_laps.append(first_s)
        whole.append(whole_s)
        steps.append(float(n_steps))
        peaks_gb.append(peak_gb)
    return [
        median_of(f"command start to {LAPS} clean laps", to_laps, "s", goal="median under 15, none over 30"),
        median_of("whole train command, plot included", whole, "s"),
        median_of("environment steps that took", steps, "steps"),
        median_of("peak memory of the training", peaks_gb, "GB", goal="under 1.5"),
    ]


def _train(path: Path, seed: int) -> tuple[float, float, int, float]:
    """Returns seconds to the passed evaluation, seconds of the whole command, steps, and the peak memory in GB."""
    command = [sys.executable, "-m", "deepracer_local", "train", "--track", "reinvent_2018", "--seed", str(seed)]
    command += ["--stop-after-clean-laps", str(LAPS), "--max-minutes", "2", "--out", str(path)]
    wall_clock, started_at = time.time(), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _MEASURED, *command], capture_output=True, check=False)
    whole_s = time.perf_counter() - started_at
    rows = RunDirectory(path).read_rows("evaluations.jsonl")
    if done.returncode != 0 or not rows or len(rows[-1]["laps"]) != LAPS:
        raise WorldError(
            f"Expected seed {seed} to drive {LAPS} clean laps within two minutes, it did not: exit code "
            f"{done.returncode}. {done.stderr.decode(errors='replace')[-500:]}"
        )
    peak_bytes = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    return rows[-1]["wall_clock"] - wall_clock, whole_s, rows[-1]["total_steps"], peak_bytes / 1e9
