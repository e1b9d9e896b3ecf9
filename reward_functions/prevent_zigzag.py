"""Centre line with a price on hard steering.

Teaches: a second aim as a factor. The pay for the place is multiplied by less than one when the wheels are turned far.
Expect: the weaving of a young policy goes away; with the limit set too low it runs wide in tight bends.
"""

STEERING_LIMIT_DEG = 15.0  # up to here turning costs nothing
FULL_LOCK_DEG = 30.0
FULL_LOCK_FACTOR = 0.6


def reward_function(params):
    half_width = 0.5 * params["track_width"]
    off_center = min(params["distance_from_center"] / half_width, 1.0)
    reward = 1.0 - off_center**2

    turned = abs(params["steering_angle"])  # left and right cost the same
    if turned > STEERING_LIMIT_DEG:
        excess = min((turned - STEERING_LIMIT_DEG) / (FULL_LOCK_DEG - STEERING_LIMIT_DEG), 1.0)
        reward *= 1.0 - (1.0 - FULL_LOCK_FACTOR) * excess

    return float(max(reward, 1e-3))
