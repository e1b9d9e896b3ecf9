"""A reward function that tries to get out: run in a sandbox, it tells what its wall lets through.

The state says what to try. ``probe`` is a key of PROBES; the reward is 1 where the attempt was refused and 0 where it
got through, even if it then failed for another reason. ``calls`` is a range of numbers of system calls to try with
useless arguments, leaving out ``allowed``; the reward is how many were not refused. Nothing it tries does harm where it
succeeds.
"""

from __future__ import annotations

import _thread
import ctypes
import errno
import os
from collections.abc import Callable
from typing import Any

_NOWHERE = "/nonexistent/deepracer"
_AF_UNIX, _AF_INET, _AF_NETLINK, _STREAM, _DATAGRAM, _RAW = 1, 2, 16, 1, 2, 3
_PTRACE_TRACEME = 0

libc = ctypes.CDLL(None, use_errno=True)


def _libc(name: str, *arguments: Any) -> Callable[[], None]:
    def call() -> None:
        if getattr(libc, name)(*arguments) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return call


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _list_processes() -> None:
    os.listdir("/proc")


PROBES: dict[str, Callable[[], Any]] = {
    "read a file": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "write a file": lambda: os.open(_NOWHERE, os.O_WRONLY | os.O_CREAT),
    "ask about a file": lambda: os.stat("/etc/passwd"),
    "list a folder": lambda: os.listdir("/"),
    "look at processes": _list_processes,
    "change permissions": lambda: os.chmod(_NOWHERE, 0o600),
    "remove a file": lambda: os.unlink(_NOWHERE),
    "make a folder": lambda: os.mkdir(_NOWHERE),
    "make a link": lambda: os.symlink(_NOWHERE, f"{_NOWHERE}2"),
    "make a named pipe": lambda: os.mkfifo(_NOWHERE),
    "map memory as a file": _libc("memfd_create", b"x", 0),
    "open a TCP socket": _libc("socket", _AF_INET, _STREAM, 0),
    "open a UDP socket": _libc("socket", _AF_INET, _DATAGRAM, 0),
    "open a raw socket": _libc("socket", _AF_INET, _RAW, 1),
    "open a UNIX socket": _libc("socket", _AF_UNIX, _STREAM, 0),
    "open a netlink socket": _libc("socket", _AF_NETLINK, _RAW, 0),
    "start a process": _fork,
    "start a program": lambda: os.execv(_NOWHERE, ["x"]),
    "start a thread": lambda: _thread.start_new_thread(int, ()),
    "send a signal to the parent": lambda: os.kill(os.getppid(), 0),
    "send a signal to its group": lambda: os.killpg(0, 0),
    "trace a process": _libc("ptrace", _PTRACE_TRACEME, 0, 0, 0),
    "read another process's memory": _libc("process_vm_readv", os.getpid(), 0, 0, 0, 0, 0),
    "become another user": lambda: os.setuid(os.getuid()),
    "lift its limits": _libc("setrlimit", 7, ctypes.byref((ctypes.c_ulong * 2)(8, 8))),
    "change the process's settings": _libc("prctl", 3, 0, 0, 0, 0),
    "leave its namespaces": _libc("unshare", 0),
    "copy a descriptor": lambda: os.close(os.dup(0)),
}


def reward_function(params: dict[str, Any]) -> float:
    """Returns what came of the attempt that ``params`` asks for."""
    if "calls" in params:
        first, last = params["calls"]
        return float(sum(_is_open(number) for number in range(first, last) if number not in params["allowed"]))
    try:
        PROBES[params["probe"]]()
    except OSError as err:
        return float(err.errno == errno.EPERM)
    except (RuntimeError, AttributeError):
        return 1.0  # no thread could be started, or this system has nothing of the kind
    return 0.0


def _is_open(number: int) -> bool:
    ctypes.set_errno(0)
    result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
    return bool(result != -1 or ctypes.get_errno() != errno.EPERM)
