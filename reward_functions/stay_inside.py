"""Keep all four wheels on the road and do not scrape along its edge.

Teaches: a yes-or-no reward with a margin. The car may use the whole width, which leaves it free to find its own line.
Expect: learning starts slower than with the centre line, because most places pay the same; laps are a little shorter.
"""

MARGIN_M = 0.05  # the front of the car should stay this far inside the border
ON_TRACK = 1.0
AT_THE_EDGE = 0.3
OFF_TRACK = 1e-3


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return OFF_TRACK

    room = 0.5 * params["track_width"] - params["distance_from_center"]
    return ON_TRACK if room >= MARGIN_M else AT_THE_EDGE
