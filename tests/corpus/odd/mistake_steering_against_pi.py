# Steering against a part of pi
# check: WARNING degrees-as-radians 9 "Write 180 for pi"
# train: runs

import math


def reward_function(params):
    if abs(params["steering_angle"]) > math.pi / 6:
        return 0.5 / (1.0 + params["distance_from_center"])
    return 1.0 / (1.0 + params["distance_from_center"])
