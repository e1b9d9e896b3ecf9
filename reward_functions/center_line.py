"""Stay near the centre line: the reward every racer starts with.

Teaches: the car is paid by three bands around the centre line, and next to nothing outside them.
Expect: slow but dependable laps after a short training. It says nothing about speed, so it suits action spaces with
one speed; with several, the car has no reason to choose the fast one.
"""

# Half-widths of the bands as shares of the track's width, each with its pay; the narrowest first.
BANDS = ((0.10, 1.0), (0.25, 0.5), (0.50, 0.1))
LIKELY_OFF_TRACK = 1e-3


def reward_function(params):
    distance = params["distance_from_center"]
    track_width = params["track_width"]

    for share, pay in BANDS:
        if distance <= share * track_width:
            return pay
    return LIKELY_OFF_TRACK
