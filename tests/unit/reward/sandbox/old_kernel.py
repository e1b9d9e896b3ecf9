"""``python old_kernel.py COMMAND...``: runs the command where seccomp(2) and Landlock answer ENOSYS.

It does so with a filter of its own, put up through the older prctl(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

SECCOMP = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
CREATE_RULESET = 444
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


def hide_calls() -> None:
    code = [
        (0x20, 0, 0, 0),  # the number
        (0x15, 1, 0, SECCOMP),
        (0x15, 0, 1, CREATE_RULESET),
        (0x06, 0, 0, 0x00050000 | errno.ENOSYS),
        (0x06, 0, 0, 0x7FFF0000),
    ]
    instructions = b"".join(struct.pack("<HBBI", *instruction) for instruction in code)
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0


hide_calls()
os.execvp(sys.argv[1], sys.argv[1:])
