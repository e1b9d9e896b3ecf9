"""Landlock with an empty rule set: no path, no TCP port, no signal or abstract socket out of the process.

The second ring behind seccomp, for a kernel whose filter has a hole. Not every kernel is built or started with it.
This file is loaded in the child too: nothing but the standard library.
Source: landlock(7), the kernel's ``include/uapi/linux/landlock.h``.
"""

from __future__ import annotations

import ctypes
import os

# The same numbers on every architecture.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1

# Access rights by the version that brought them: 1 has 13 of the file system, 2 adds refer, 3 truncate, 5 ioctl.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_FILE_RIGHTS = 16
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    """``struct landlock_ruleset_attr``; older kernels take a prefix of it."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def forbid_all_paths() -> None:
    """Restricts this thread, for good. Needs no_new_privs.

    Raises:
        OSError: this kernel does not have it, or it is switched off.
    """
    version = _call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    rules = _Ruleset(files=(1 << _FILE_RIGHTS.get(version, _ALL_FILE_RIGHTS)) - 1)
    size = 8
    if version >= 4:
        rules.network, size = _TCP_BIND_AND_CONNECT, 16
    if version >= 6:
        rules.scoped, size = _ABSTRACT_SOCKETS_AND_SIGNALS, 24
    ruleset = _call(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    try:
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = libc.syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
