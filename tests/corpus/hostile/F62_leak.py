# F62: ten megabytes more of address space with every call
# check: TEST_FAILURE out-of-memory 12 "MemoryError"
# train: fails 12 "MemoryError"
# steps: 80

import numpy as np

kept = []


def reward_function(params):
    kept.append(np.zeros(10 << 20, np.uint8))
    return 1.0 / (1.0 + params["distance_from_center"])
