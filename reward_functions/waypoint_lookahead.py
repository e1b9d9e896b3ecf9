"""Steer at a point further down the road.

Teaches: what a human driver does. The angle between the car's nose and a point about a metre ahead on the centre line
is the steering it needs; the closer the chosen steering comes to that, the better.
Expect: smooth lines and early turning-in, because the aim lies beyond the bend's beginning.
"""

import math

LOOK_AHEAD_M = 0.9
STEERING_LIMIT_DEG = 30.0


def point_ahead(params):
    """Returns the first waypoint that lies LOOK_AHEAD_M down the road."""
    waypoints = params["waypoints"]
    index = params["closest_waypoints"][1]
    is_loop = waypoints[0] == waypoints[-1]
    n_points = len(waypoints) - 1 if is_loop else len(waypoints)

    travelled = math.dist((params["x"], params["y"]), waypoints[index])
    for _ in range(n_points):
        following = (index + 1) % n_points if is_loop else min(index + 1, n_points - 1)
        if travelled >= LOOK_AHEAD_M or following == index:
            break
        travelled += math.dist(waypoints[index], waypoints[following])
        index = following
    return waypoints[index]


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return 1e-3

    x, y = point_ahead(params)
    bearing = math.degrees(math.atan2(y - params["y"], x - params["x"]))
    wanted = (bearing - params["heading"] + 180.0) % 360.0 - 180.0
    wanted = min(max(wanted, -STEERING_LIMIT_DEG), STEERING_LIMIT_DEG)

    error = abs(wanted - params["steering_angle"]) / (2.0 * STEERING_LIMIT_DEG)
    return float(max(1.0 - error, 0.0) ** 2 + 1e-3)
