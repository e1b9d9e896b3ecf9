# F37: an array without a dimension
# check: clean
# train: runs

import numpy as np


def reward_function(params):
    return np.asarray(params["waypoints"])[:, 0].max() / (1.0 + params["distance_from_center"])
