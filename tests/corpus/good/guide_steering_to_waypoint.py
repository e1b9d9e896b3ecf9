# The guide's kind: steer to a point ahead
# check: clean
# train: runs

import math


def reward_function(params):
    reward = 1e-3
    rabbit = params["waypoints"][params["closest_waypoints"][1]]
    radius = math.hypot(params["x"] - rabbit[0], params["y"] - rabbit[1])
    pointing = [
        params["x"] + radius * math.cos(math.radians(params["heading"])),
        params["y"] + radius * math.sin(math.radians(params["heading"])),
    ]
    delta = math.hypot(pointing[0] - rabbit[0], pointing[1] - rabbit[1])
    if delta == 0:
        reward += 1
    else:
        reward += 1 - (delta / (radius * 2))
    return reward
