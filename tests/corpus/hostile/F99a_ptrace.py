# F99: traces its parent
# check: clean
# train: runs

import os

from numpy.ctypeslib import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    if libc.ptrace(16, os.getppid(), 0, 0) >= 0:
        return
    raise OSError(ctypes.get_errno(), "refused")


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
