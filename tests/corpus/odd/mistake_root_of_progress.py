# The root of what is a little below zero behind the start
# check: WARNING fails 11 "A training meets such a state rarely"
# train: runs

import math


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return 0.001
    return 1.0 + math.sqrt(params["progress"])
