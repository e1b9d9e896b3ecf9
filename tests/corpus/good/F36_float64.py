# F36: numpy's float64
# check: clean
# train: runs

import numpy as np


def reward_function(params):
    return np.exp(-np.abs(np.float64(params["distance_from_center"])))
