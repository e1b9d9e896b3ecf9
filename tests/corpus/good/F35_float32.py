# F35: numpy's float32
# check: clean
# train: runs

import numpy as np


def reward_function(params):
    return np.float32(1.0 / (1.0 + params["distance_from_center"]))
