"""A training, an evaluation or an export in a process of its own on this machine."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from deepracer_local.domain import DEFAULT_SANDBOX, SandboxOptions, TrainResult
from deepracer_local.errors import TrainerDiedError
from deepracer_local.runs import RunDirectory

GRACE_S = 8.0
"""So long a trainer may take to write its last checkpoint before it is killed: whoever cancels a training waits for ten
seconds at most, of which the wish's way and the last files take their part."""


class TrainerProcess:
    """Starts a trainer at once, hands it its run directory later, and sees to its end.

    Use it as a context manager: leaving the block never leaves a process behind.
    """

    def __init__(
        self,
        *,
        resume: bool = False,
        evaluate: bool = False,
        export: bool = False,
        environment: Mapping[str, str] | None = None,
        nice: int = 0,
        sandbox: SandboxOptions = DEFAULT_SANDBOX,
    ) -> None:
        """Starts the process, which loads its libraries and waits.

        Args:
            resume: go on from the last checkpoint of the directory that it will be given.
            evaluate: drive the laps that ``evaluation.json`` asks for instead of training.
            export: make the files that ``export.json`` asks for instead.
            environment: all environment variables that it gets; None passes on our own.
            nice: how much it stands back behind other processes, 0 to 19.
            sandbox: how the reward function is run.
        """
        self._run: RunDirectory | None = None
        # What it prints before it has a run directory, which is where it logs from then on.
        self._early_log = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        arguments = [sys.executable, "-W", "ignore", "-m", "deepracer_local.workers", f"--nice={nice}"]
        arguments += [f"--sandbox={sandbox.policy}", *(f"--sandbox-prefix={word}" for word in sandbox.prefix)]
        flags = [
            flag for flag, is_set in (("--resume", resume), ("--evaluate", evaluate), ("--export", export)) if is_set
        ]
        self._process = subprocess.Popen(
            [*arguments, *flags],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self._early_log,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches this process only, which then asks the trainer to stop.
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._run is None:
            self._process.kill()  # it has nothing to save
        self.stop()
        self.wait_or_kill()
        self.close()

    def start(self, run: RunDirectory) -> None:
        """Hands over the run directory; the training begins."""
        self._run = run
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has died: has_ended and result tell
            self._process.stdin.write(f"{run.path.resolve()}\n".encode())
            self._process.stdin.flush()

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def waited_s(self) -> float:
        """Returns for how long the process has been ready to run while others ran; 0 where the system does not tell.

        Of its main thread, from ``/proc/PID/schedstat``: a process that hangs does not wait for a processor.
        """
        try:
            return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0

    def kill(self) -> None:
        """Ends the process at once; what it has not written is lost."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Closes what connected to the process, once it has ended."""
        self.stop()
        self._early_log.close()

    def has_ended(self, timeout_s: float = 0.0) -> bool:
        """Waits at most so long for the end of the process; returns whether it has ended."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Asks the trainer to stop at its last policy update; returns at once.

        The end of its input is the wish: unlike a signal it cannot come before the trainer is ready to hear it.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def wait_or_kill(self) -> None:
        """Waits for the end after ``stop``; a trainer that hangs in the user's code is killed."""
        if not self.has_ended(GRACE_S):
            self._process.kill()
            self._process.wait()

    def result(self) -> TrainResult:
        """Returns the result of the ended training.

        Raises:
            TrainerDiedError: the process ended without writing one.
        """
        assert self._run is not None
        result = self._run.read_result()
        if result is None:
            raise TrainerDiedError(
                f"Expected the trainer to write {self._run.result_path}, but it ended with exit code "
                f"{self._process.returncode}. What it printed last:\n{self._log_tail()}\nThe last checkpoint is kept; "
                f"deepracer-local train --resume --out {self._run.path} goes on from it."
            )
        return result

    def _log_tail(self) -> str:
        assert self._run is not None
        self._early_log.seek(0)
        text = self._early_log.read()
        if self._run.log_path.exists():
            text += self._run.log_path.read_bytes()
        return "\n".join(text.decode(errors="replace").splitlines()[-15:])
