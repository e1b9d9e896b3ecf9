"""Beat a clock: be further round the lap than a car of constant pace.

Teaches: the difference to a target is a stronger signal than the value itself. Being ahead of the imagined car pays
more than one, being behind pays less, and the reward can never be earned by standing still.
Expect: steadily shorter laps. Raise TARGET_SPEED when the car beats it all the time.
"""

TARGET_SPEED = 1.2  # m/s, averaged over the lap
STEPS_PER_SECOND = 15.0
GAIN = 0.1  # pay for each percent of the lap ahead of the clock


def reward_function(params):
    if params["is_offtrack"]:
        return 1e-3

    seconds = params["steps"] / STEPS_PER_SECOND
    target_progress = 100.0 * TARGET_SPEED * seconds / params["track_length"]
    ahead = params["progress"] - min(target_progress, 100.0)

    return float(min(max(1.0 + GAIN * ahead, 1e-3), 3.0))
