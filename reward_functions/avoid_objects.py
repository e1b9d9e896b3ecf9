"""Get past boxes and other cars: drive where the road is free.

Teaches: the objects_* keys. The function looks for the next object along the road, ahead or just beside the car, and
pays for being in the middle of what it leaves free; where nothing is near, the middle of the road is paid best.
Expect: a car that changes sides well before a box. Train with more boxes than you race against, at other places in
each episode (--obstacles 6 --random-places), and give the car a lidar beside its camera: the picture shows what is
ahead, the lidar what is still beside the car.
"""

AHEAD_M = 1.6  # from here on the car should leave the object's side
BEHIND_M = 0.45  # until the object is so far behind, measured from middle to front of the car
FREE_SIDE = 0.6  # share of half the road: a little beyond the middle of the lane without the object


def gap_to(params, i):
    """Returns how far object i is ahead along the road, negative where it is behind; round the lap the shorter way."""
    length = params["track_length"]
    gap = params["objects_distance"][i] - params["projection_distance"]
    return (gap + 0.5 * length) % length - 0.5 * length


def wanted_place(params):
    """Returns where the car should be, from -1 at the right border to 1 at the left one."""
    near = [(gap_to(params, i), i) for i in range(len(params["objects_distance"]))]
    near = [(gap, i) for gap, i in near if -BEHIND_M < gap < AHEAD_M]
    if not near:
        return 1e-3
    _, i = min(near)
    return -FREE_SIDE if params["objects_left_of_center"][i] else FREE_SIDE


def reward_function(params):
    if params["is_crashed"] or params["is_offtrack"]:
        return 1e-3
    side = 1.0 if params["is_left_of_center"] else -1.0
    place = side * params["distance_from_center"] / (0.5 * params["track_width"])
    away = place - wanted_place(params)
    return float(max(1.0 - away * away, 0.05))
