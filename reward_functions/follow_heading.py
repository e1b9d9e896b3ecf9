"""Point the car the way the road goes.

Teaches: waypoints and headings, and the one trap in them: angles wrap round at 180 degrees.
Expect: a steady car that corrects early. It cares about direction more than place, so mix it with a centre-line term
when the car drifts to the edge.
"""

import math

TOLERANCE_DEG = 10.0  # full pay up to here
ZERO_PAY_DEG = 60.0


def road_direction(params):
    """Returns the direction of the road at the car, in degrees."""
    waypoints = params["waypoints"]
    behind, ahead = params["closest_waypoints"]
    (x0, y0), (x1, y1) = waypoints[behind], waypoints[ahead]
    return math.degrees(math.atan2(y1 - y0, x1 - x0))


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return 1e-3

    difference = abs(road_direction(params) - params["heading"]) % 360.0
    difference = min(difference, 360.0 - difference)  # 350 degrees apart is 10 degrees apart

    alignment = (ZERO_PAY_DEG - difference) / (ZERO_PAY_DEG - TOLERANCE_DEG)
    return float(min(max(alignment, 1e-3), 1.0))
