# F103: a file in memory to execute from
# check: clean
# train: runs

from numpy.ctypeslib import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    if libc.memfd_create(b"x", 0) >= 0:
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
