# The sine of degrees
# check: WARNING degrees-as-radians 10 "math.radians"
# train: runs

import math


def reward_function(params):
    heading = params["heading"]
    return 2.0 + math.sin(heading)
