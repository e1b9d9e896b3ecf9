"""Putting the wall up around this process: what it gives away before it runs somebody else's code.

This file is loaded in the child: nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from deepracer_local.reward.sandbox import _landlock, _seccomp
from deepracer_local.reward.sandbox._wire import LAYERS, LIFELINE_FD

_PR_SET_DUMPABLE = 4
_MAX_DESCRIPTORS = 16


def put_up(memory_bytes: int) -> tuple[int, list[str]]:
    """Takes everything from this process that a reward function does not need, for good.

    Environment, address space beyond ``memory_bytes``, files, descriptors, core dumps, new privileges, being looked
    into, every path, all system calls but those of ``_seccomp``. It must have one thread: a filter holds for the
    thread that installs it and for its children, not for its siblings.

    Returns:
        One bit per layer of ``LAYERS`` that stands, and a sentence for each that does not.
    """
    os.environ.clear()  # noqa: TID251  # nothing is read
    steps: dict[str, Callable[[], None]] = {
        "limits": lambda: _limit(memory_bytes),
        "lifeline": _die_with_parent,
        "no_new_privs": _seccomp.forbid_new_privileges,
        "not_dumpable": _hide,
        "single_thread": _assert_single_thread,
        "landlock": _landlock.forbid_all_paths,
        "seccomp": _filter_calls,
    }
    standing, missing = 0, []
    for i, name in enumerate(LAYERS):
        try:
            steps[name]()
            standing |= 1 << i
        except (OSError, AttributeError, ImportError, ValueError) as err:
            missing.append(f"{name}: {err}")
    return standing, missing


def _limit(memory_bytes: int) -> None:
    import resource  # noqa: PLC0415  # not on Windows

    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": _MAX_DESCRIPTORS,
        "RLIMIT_NPROC": 0,
        "RLIMIT_AS": memory_bytes,
    }
    for name, value in limits.items():
        if sys.platform == "darwin" and name == "RLIMIT_AS":
            continue  # macOS maps gigabytes at start and refuses to go below
        resource.setrlimit(getattr(resource, name), (value, value))


def _die_with_parent() -> None:
    """Has the kernel kill this process when the last writer of the lifeline is gone.

    PR_SET_PDEATHSIG would do it too early: it fires when the thread ends that started this process, and the service
    starts them from a pool of threads.
    """
    if sys.platform != "linux":
        threading.Thread(target=_wait_for_end_of_parent, daemon=True).start()
        return
    import fcntl  # noqa: PLC0415  # not on Windows

    fcntl.fcntl(LIFELINE_FD, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(LIFELINE_FD, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(LIFELINE_FD, fcntl.F_SETFL, fcntl.fcntl(LIFELINE_FD, fcntl.F_GETFL) | os.O_ASYNC)
    os.set_blocking(LIFELINE_FD, False)
    with contextlib.suppress(BlockingIOError):  # it is open and empty; b"" says that the parent is gone already
        if os.read(LIFELINE_FD, 1) == b"":
            os._exit(1)


def _wait_for_end_of_parent() -> None:
    os.read(LIFELINE_FD, 1)
    os._exit(1)


def _hide() -> None:
    """Forbids other processes of the same user to look into this one, and core dumps."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl refused")


def _assert_single_thread() -> None:
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise OSError(f"expected one thread, got {threads}")


def _filter_calls() -> None:
    machine = os.uname().machine
    calls = _seccomp.calls_of(machine)
    if calls is None or sys.platform != "linux":
        raise OSError(f"there is no table of system calls for {sys.platform} on {machine}")
    _seccomp.allow_only(calls)
