# F91: connects to every descriptor it may have
# check: clean
# train: runs

import os

from numpy.ctypeslib import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    address = bytes((2, 0, 0x1F, 0x90, 127, 0, 0, 1)) + bytes(8)
    for number in range(16):
        if libc.connect(number, address, 16) == 0:
            return
    raise OSError("refused")


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
