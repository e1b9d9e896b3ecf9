# F109: changes math, numpy, builtins and the classes of numbers
# check: clean
# train: runs as control

import builtins
import math

import numpy as np

divide = 1.0.__truediv__


def reward_function(params):
    reward = divide(1.0 + params["distance_from_center"])
    math.pi = 3.0
    math.sqrt = math.sin = lambda x: 0.0
    np.float64 = np.isfinite = lambda x: True
    builtins.abs = builtins.min = builtins.max = lambda *x: 7.0
    return reward
