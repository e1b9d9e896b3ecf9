# Work that is done once, on the first call
# check: clean
# train: runs

import math

line = []


def reward_function(params):
    if not line:
        total = 0.0
        for _ in range(300):
            for x, y in params["waypoints"]:
                total += math.hypot(x, y)
        line.append(total)
    return min(line[0], 1.0) / (1.0 + params["distance_from_center"])
