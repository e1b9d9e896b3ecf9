# F64: a numpy array of eight gigabytes
# check: TEST_FAILURE out-of-memory 9 "MemoryError"
# train: fails 9 "MemoryError"

import numpy as np


def reward_function(params):
    return float(np.ones(1 << 30).sum())
