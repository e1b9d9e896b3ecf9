"""The process of a job: ``python -m deepracer_local.workers [--resume | --evaluate | --export] [--nice=N]``.

``--sandbox=POLICY`` and ``--sandbox-prefix=WORD``, the latter once per word, say how the reward function is run.

The run directory comes as a line on its input; it has that directory and nothing else. It is started before that
exists, so that it can load its libraries meanwhile. SIGTERM, SIGINT or the end of its input ask it to stop; a training
then leaves a checkpoint.

Exit codes: 0 done or stopped, 1 our fault, 2 the user's.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from deepracer_local.domain import SandboxOptions, SandboxPolicy
from deepracer_local.errors import SandboxError
from deepracer_local.reward.sandbox import ChildProcess, warm_child
from deepracer_local.runs import RunDirectory


def main() -> int:
    """Does the work of one run directory; returns the exit code."""
    parser = argparse.ArgumentParser(prog="deepracer_local.workers")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--evaluate", action="store_true")
    parser.add_argument("--export", action="store_true")
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--sandbox", type=SandboxPolicy, default=SandboxPolicy.PREFERRED)
    parser.add_argument("--sandbox-prefix", action="append", default=[])
    arguments = parser.parse_args()
    os.nice(arguments.nice)
    _stand_back(arguments.nice, os.getpid())
    options = SandboxOptions(arguments.sandbox, tuple(arguments.sandbox_prefix))
    child = None if arguments.evaluate or arguments.export else _warm(options)
    if child is not None:
        _stand_back(arguments.nice, child.pid)
    work = _load_learner()  # the child loads its modules meanwhile

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    line = sys.stdin.readline().strip()
    if not line:
        if child is not None:
            child.kill()
        return 0  # whoever started this process changed their mind
    threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    run = RunDirectory(Path(line))
    _print_to(run.log_path)
    try:
        with _alone_in(run):
            if arguments.evaluate:
                result = work.evaluate(run, stop)
            elif arguments.export:
                result = work.export(run, stop)
            else:
                result = work.train(run, stop, resume=arguments.resume, options=options, child=child)
    except Exception as err:  # noqa: BLE001  # the last resort: whatever happened must reach the result
        traceback.print_exc()
        result = work.failure(run, err)
    run.write_result(result)
    return 0 if result.state != "FAILED" else 2 if result.is_user_error else 1


def _load_learner() -> ModuleType:
    """Returns ``_work`` with all that a job needs, in two thirds of the time that an import statement alone would take.

    Whoever submits a training waits for this. What is loaded stays, so looking for garbage in it, then and ever after,
    is left out. torch describes the shapes of its operations for its compiler and for tensors without numbers; nothing
    of ours has either, and ``tests/integration/test_quick_start.py`` shows that the weights are the same without.
    """
    gc.disable()
    sys.modules["torch._meta_registrations"] = ModuleType("torch._meta_registrations")
    from deepracer_local.workers import _work  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    return _work


def _stand_back(nice: int, leader: int) -> None:
    """Has the session of ``leader`` stand back too.

    Where Linux groups processes by session (``man 7 sched``, autogroup), a nice value counts only within the group.
    """
    with contextlib.suppress(OSError):  # no such groups here
        Path(f"/proc/{leader}/autogroup").write_text(f"{nice}", encoding="ascii")


@contextlib.contextmanager
def _alone_in(run: RunDirectory) -> Iterator[None]:
    """Waits until no other process works here: the trainer of a killed runner ends by itself, a moment later."""
    import fcntl  # noqa: PLC0415  # not on Windows

    with (run.path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _warm(options: SandboxOptions) -> ChildProcess | None:
    """Starts the reward function's process ahead of time; what prevents it is told when it is needed."""
    try:
        return warm_child(options.prefix)
    except SandboxError:
        return None


def _print_to(log_path: Path) -> None:
    """Sends all that this process prints, the user's reward function included, to a file, each line at once.

    Appending lets whoever follows the file cut it; a full line in each write keeps lines whole there.
    """
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    if isinstance(sys.stdout, io.TextIOWrapper):  # what Python makes it; the standard library's types say less
        sys.stdout.reconfigure(line_buffering=True)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(log, stream.fileno())
    os.close(log)


def _stop_at_end_of_input(stop: threading.Event) -> None:
    """Stops when the parent is gone: nobody would read the result or end this process."""
    while sys.stdin.read(1):
        pass
    stop.set()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # All that counts is on the disk. To take torch and PyBullet down in order would cost whoever waits for the end of
    # this process up to three seconds on a busy machine.
    os._exit(code)
