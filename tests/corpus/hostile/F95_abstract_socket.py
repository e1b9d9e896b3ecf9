# F95: a pair of sockets
# check: clean
# train: runs

from numpy.ctypeslib import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    if libc.socketpair(1, 1, 0, (ctypes.c_int * 2)()) >= 0:
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
