"""Fast where it is safe: pay for speed, scaled by how central the car is.

Teaches: multiplying two aims so that neither is worth much without the other.
Expect: needs an action space with at least two speeds. The car first learns to stay on, then to press on. Speed is
squared, so that each further m/s is worth more than the one before.
"""

TOP_SPEED = 4.0  # m/s; the pay for speed is full here


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return 1e-3

    off_center = params["distance_from_center"] / (0.5 * params["track_width"])
    place = max(0.0, 1.0 - off_center**2)
    pace = min(params["speed"] / TOP_SPEED, 1.0) ** 2

    # The constant keeps a slow, central car better off than a fast one at the edge.
    return float(place * (0.25 + 0.75 * pace) + 1e-3)
