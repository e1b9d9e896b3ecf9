"""From a command to three clean laps, in wall-clock seconds."""

from __future__ import annotations

import os
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
    with tempfile.TemporaryFile() as said:
        wall_clock, started_at = time.time(), time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)  # of this command and what it started, nothing else
        whole_s = time.perf_counter() - started_at
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    rows = RunDirectory(path).read_rows("evaluations.jsonl")
    if process.returncode != 0 or not rows or len(rows[-1]["laps"]) != LAPS:
        raise WorldError(
            f"Expected seed {seed} to drive {LAPS} clean laps within two minutes, it did not: exit code "
            f"{process.returncode}. {text[-500:]}"
        )
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return rows[-1]["wall_clock"] - wall_clock, whole_s, rows[-1]["total_steps"], peak_bytes / 1e9
