# F102: dies with a core dump
# check: TEST_FAILURE ends-process - "SIG"
# train: fails - "SIG"

from numpy.ctypeslib import ctypes


def reward_function(params):
    ctypes.string_at(0)
    return 1.0
