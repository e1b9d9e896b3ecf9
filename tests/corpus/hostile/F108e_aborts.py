# F108: aborts
# check: TEST_FAILURE ends-process - "SIG"
# train: fails - "SIG"

from numpy.ctypeslib import ctypes


def reward_function(params):
    ctypes.CDLL(None).abort()
    return 1.0
