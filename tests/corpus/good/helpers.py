# Helper functions, keyword arguments, a comprehension
# check: clean
# train: runs

import math


def road(points, behind, ahead):
    (x0, y0), (x1, y1) = points[behind], points[ahead]
    return math.degrees(math.atan2(y1 - y0, x1 - x0))


def off(a, b):
    return abs((a - b + 180.0) % 360.0 - 180.0)


def reward_function(params):
    behind, ahead = params["closest_waypoints"]
    angle = road(params["waypoints"], behind=behind, ahead=ahead)
    return sum(weight * part for weight, part in ((0.7, 1 - off(angle, params["heading"]) / 180), (0.3, 1.0)))
