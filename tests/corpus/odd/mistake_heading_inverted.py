# Pays for facing the wrong way
# check: WARNING pays-backwards - "turn round"
# train: runs

import math


def reward_function(params):
    behind, ahead = (params["waypoints"][i] for i in params["closest_waypoints"])
    road = math.degrees(math.atan2(ahead[1] - behind[1], ahead[0] - behind[0]))
    difference = abs(road - params["heading"]) % 360
    return min(difference, 360 - difference) / 180 * params["speed"]
