# Radians minus degrees
# check: WARNING degrees-as-radians 11 "math.degrees"
# train: runs

import math


def reward_function(params):
    behind, ahead = (params["waypoints"][i] for i in params["closest_waypoints"])
    road = math.atan2(ahead[1] - behind[1], ahead[0] - behind[0])
    difference = abs(road - params["heading"])
    return 1.0 / (1.0 + difference)
