"""An allow-list of system calls, put up with seccomp through ctypes.

This file is loaded in the child too: nothing but the standard library.
Source: seccomp(2), the kernel's ``Documentation/userspace-api/seccomp_filter.rst``, ``include/uapi/linux/{seccomp,
filter,audit}.h``; numbers from ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h``.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import NamedTuple

_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1

_KILL = 0x80000000
_REFUSE = 0x00050000 | 1  # SECCOMP_RET_ERRNO with EPERM
_ALLOW = 0x7FFF0000

# The three BPF instructions that the filter is made of: load a word, jump if equal or if greater or equal, return.
_LOAD, _JUMP_EQUAL, _JUMP_GE, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4
_X32_BIT = 0x40000000


class Calls(NamedTuple):
    """What one architecture calls the allowed calls."""

    architecture: int
    """AUDIT_ARCH_*."""
    seccomp: int
    """The number of seccomp(2) itself, which is not allowed afterwards."""
    allowed: dict[str, int]
    unfiltered: tuple[int, ...] = ()
    """Calls that the kernel itself lets past every filter; see ``X86_64``."""


X86_64 = Calls(
    0xC000003E,
    317,
    {
        "read": 0,
        "write": 1,
        "close": 3,
        "fstat": 5,
        "poll": 7,
        "lseek": 8,
        "mmap": 9,
        "mprotect": 10,
        "munmap": 11,
        "brk": 12,
        "rt_sigaction": 13,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "sched_yield": 24,
        "mremap": 25,
        "madvise": 28,
        "nanosleep": 35,
        "getpid": 39,
        "exit": 60,
        "getrusage": 98,
        "times": 100,
        "sigaltstack": 131,
        "gettid": 186,
        "futex": 202,
        "restart_syscall": 219,
        "clock_gettime": 228,
        "clock_nanosleep": 230,
        "exit_group": 231,
        "set_robust_list": 273,
        "getrandom": 318,
        "rseq": 334,
    },
    # uretprobe and uprobe, since Linux 6.11: they answer the kernel's own trampolines and end or refuse all others.
    # Source: seccomp_uprobe_exception in kernel/seccomp.c.
    unfiltered=(335, 336),
)

AARCH64 = Calls(
    0xC00000B7,
    277,
    {
        "close": 57,
        "lseek": 62,
        "read": 63,
        "write": 64,
        "ppoll": 73,
        "fstat": 80,
        "exit": 93,
        "exit_group": 94,
        "futex": 98,
        "set_robust_list": 99,
        "nanosleep": 101,
        "clock_gettime": 113,
        "clock_nanosleep": 115,
        "sched_yield": 124,
        "restart_syscall": 128,
        "sigaltstack": 132,
        "rt_sigaction": 134,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "times": 153,
        "getrusage": 165,
        "getpid": 172,
        "gettid": 178,
        "brk": 214,
        "munmap": 215,
        "mremap": 216,
        "mmap": 222,
        "mprotect": 226,
        "madvise": 233,
        "getrandom": 278,
        "rseq": 293,
    },
)


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def calls_of(machine: str) -> Calls | None:
    """Returns the table for ``os.uname().machine``, or None where there is none."""
    return {"x86_64": X86_64, "aarch64": AARCH64}.get(machine)


def forbid_new_privileges() -> None:
    """Sets no_new_privs, without which an ordinary user may not install a filter.

    Raises:
        OSError: the kernel refused.
    """
    _check(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def allow_only(calls: Calls) -> None:
    """Leaves this thread, for good, the calls of the table.

    Others fail with EPERM; those of another kind of process (32 bit, x32) kill it.

    Raises:
        OSError: the kernel refused.
    """
    instructions = _program(calls)
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _check(_libc().syscall(calls.seccomp, _SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(program)))


def _program(calls: Calls) -> bytes:
    """Returns the filter as ``struct sock_filter``s."""
    numbers = sorted(calls.allowed.values())
    code = [
        (_LOAD, 0, 0, _ARCHITECTURE_OFFSET),
        (_JUMP_EQUAL, 1, 0, calls.architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_OFFSET),
        (_JUMP_GE, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
    ]
    for number in numbers:
        code += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    code.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
