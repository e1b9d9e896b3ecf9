"""Drive as fast as you can: each step is paid by the metres of road that it brought.

Teaches: what a lap time is made of. The pay of a lap is always the same, the length of the lap; the discount makes it
worth more the sooner it comes. So the fastest way round is the best paid one, and nothing says which way that is.
Expect: careful laps first, then shorter ones, cut as close as the rules allow. It needs speeds to choose from, a
discount of 0.97 to 0.99, large updates and a few hundred thousand steps. A car that sees one picture does not see its
speed: give it two (stack_size).
"""

PAY_PER_METRE = 2.0
# The episode ends at the line, the race does not: without this the end of a good lap would look like a fault.
BONUS_AT_THE_LINE = 10.0

memory = {"progress": 0.0, "steps": 0.0}  # of the step before


def reward_function(params):
    progress, steps = params["progress"], params["steps"]
    if steps <= memory["steps"]:  # another episode has begun
        memory["progress"] = 14.0 / params["track_length"]  # the front of a car that has just been put down
    made_m = 0.01 * (progress - memory["progress"]) * params["track_length"]
    memory["progress"], memory["steps"] = progress, steps

    if params["is_offtrack"] or params["is_crashed"]:
        return 1e-3
    reward = 1e-3 + PAY_PER_METRE * max(made_m, 0.0)
    if progress >= 100.0:
        reward += BONUS_AT_THE_LINE
    return float(reward)
