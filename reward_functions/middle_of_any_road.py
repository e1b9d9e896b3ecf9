"""Keep to the middle of whatever road there is, wide or narrow.

Teaches: measuring in shares of the road instead of metres, so that one function means the same on every track, and a
smooth pay instead of bands: each step towards the middle is worth something. Looking along the road is paid too, which
keeps the car from swinging.
Expect: calm laps. Made for one car that learns on many tracks at once (--track a --track b ...,
--alternate-direction, --randomisation mild) and then drives on roads that it has never seen.
"""

import math


def angle_between(a_deg, b_deg):
    return abs((a_deg - b_deg + 180.0) % 360.0 - 180.0)


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return 1e-3
    behind, ahead = (params["waypoints"][i] for i in params["closest_waypoints"])
    road_deg = math.degrees(math.atan2(ahead[1] - behind[1], ahead[0] - behind[0]))
    aside = params["distance_from_center"] / (0.5 * params["track_width"])
    place = max(1.0 - aside * aside, 0.0)
    aim = math.cos(math.radians(min(angle_between(road_deg, params["heading"]), 90.0)))
    return float(0.05 + place * aim)
