# F38: an array of one number
# check: WARNING notice - "array of one number"
# train: runs

import numpy as np


def reward_function(params):
    return np.array([1.0 / (1.0 + params["distance_from_center"])])
