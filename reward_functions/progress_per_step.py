"""Get round in few steps: progress made, divided by the steps it took.

Teaches: rewarding the result and leaving the way to the car. Steps come 15 to the second, so progress per step is
average speed in percent of the lap.
Expect: a slow beginning and fast laps in the end. The bonus at the line makes a finished lap worth much more than a
long one that ends in the grass.
"""

FIRST_STEPS = 5  # the ratio means nothing until the car has moved a little
FINISH_BONUS = 10.0


def reward_function(params):
    if params["is_offtrack"] or params["is_crashed"]:
        return 1e-3

    progress, steps = params["progress"], params["steps"]
    reward = progress / steps if steps >= FIRST_STEPS else 0.1
    if progress >= 100.0:
        reward += FINISH_BONUS
    return float(reward + 1e-3)
