# math.abs on a path that no state takes
# check: WARNING unknown-name 10 "Use the built-in abs"
# train: runs

import math


def reward_function(params):
    if params["speed"] > 50:
        return math.abs(params["x"])
    return 1.0 / (1.0 + params["distance_from_center"])
