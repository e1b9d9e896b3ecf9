"""Running the real command in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "deepracer_local"]
TIMEOUT_S = 240


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        env=os.environ | environment,
    )


def run_json(*arguments: object, **environment: str) -> dict[str, Any]:
    """Runs a command with ``--json`` to its good end; returns the one object on its standard output."""
    done = run(*arguments, "--json", **environment)
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def start(*arguments: object) -> subprocess.Popen[str]:
    """Starts a command and returns while it runs; its messages can be read as they come."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Of a shell's background jobs, tests among them, Ctrl-C is ignored, and so it is of whatever they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # it takes no lock
    )


def wait_for_progress(process: subprocess.Popen[str], *, steps: int) -> None:
    """Reads messages until one tells of at least so many steps."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("steps ") and int(line.split()[1].rstrip(",").replace(",", "")) >= steps:
            return
    raise AssertionError(f"the command ended with {process.wait()} before {steps} steps")


def kill_trainer(process: subprocess.Popen[str]) -> None:
    """Kills the trainer below a ``train`` command, as a crash or the out-of-memory killer would."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    assert len(children) == 1
    os.kill(int(children[0]), signal.SIGKILL)
