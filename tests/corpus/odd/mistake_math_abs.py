# math.abs, which does not exist
# check: TEST_FAILURE unknown-name 9 "Use the built-in abs"
# train: fails 9 "built-in abs"

import math


def reward_function(params):
    return 1.0 / (1.0 + math.abs(params["steering_angle"]))
