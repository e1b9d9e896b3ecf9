"""Drive a racing line: out, in, out, instead of the middle of the road.

Teaches: work done once. On its first call the function bends the centre line like a thin steel strip inside the road;
the strip runs wide before a bend, touches its inside and runs wide again, which makes every bend as round as the road
allows. From then on the car is paid for being near that line, and for speed.
Expect: shorter laps than any centre-line reward, once the car can stay on the road. Begin from a trained centre-line
car when learning from nothing takes too long.
"""

import math

STRIDES = (8, 4, 2, 1)  # waypoints between the points of the strip: first the large shape, then the details
N_ROUNDS = 30  # for each stride
USABLE_SHARE = 0.30  # of the track's width, to either side of the centre line
CORRIDOR_M = 0.25  # the pay for the place falls to nothing this far from the line

memory = {"line": [], "made_of": None}  # lives on between calls; made_of are the waypoints behind the line


def bend(waypoints, limit_m):
    """Returns the waypoints moved to where the line curves least, none further than limit_m from where it was."""
    is_loop = waypoints[0] == waypoints[-1]
    anchors = waypoints[:-1] if is_loop else waypoints
    n_points = len(anchors)
    points = list(anchors)
    for stride in STRIDES:
        if 4 * stride >= n_points:  # a track with few waypoints has no room for the long strips
            continue
        free = range(n_points) if is_loop else range(2 * stride, n_points - 2 * stride)
        for _ in range(N_ROUNDS):
            for i in free:
                before2, before = points[i - 2 * stride], points[i - stride]
                after, after2 = points[(i + stride) % n_points], points[(i + 2 * stride) % n_points]
                # The place that a strip through the four neighbours would take.
                x = (4.0 * (before[0] + after[0]) - before2[0] - after2[0]) / 6.0
                y = (4.0 * (before[1] + after[1]) - before2[1] - after2[1]) / 6.0
                points[i] = pulled_back(x, y, anchors[i], limit_m)
    return points


def pulled_back(x, y, anchor, limit_m):
    """Returns the point, or the nearest one within limit_m of the anchor."""
    away = math.dist((x, y), anchor)
    if away <= limit_m:
        return x, y
    share = limit_m / away
    return anchor[0] + (x - anchor[0]) * share, anchor[1] + (y - anchor[1]) * share


def distance_to_segment(px, py, a, b):
    """Returns how far the point is from the straight piece between a and b."""
    (ax, ay), (bx, by) = a, b
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = 0.0 if square == 0.0 else min(max(((px - ax) * dx + (py - ay) * dy) / square, 0.0), 1.0)
    return math.hypot(px - ax - t * dx, py - ay - t * dy)


def distance_to_line(line, params):
    """Returns how far the car is from the line, looking only at the pieces beside it."""
    # The line's points keep the numbers of the waypoints they came from; pieces before and after cover the shift.
    ahead = params["closest_waypoints"][1]
    ends = range(ahead - 1, ahead + 3)
    if params["waypoints"][0] == params["waypoints"][-1]:
        pairs = [((end - 1) % len(line), end % len(line)) for end in ends]
    else:  # an open track has no piece from its end to its beginning
        pairs = [(end - 1, end) for end in ends if 1 <= end < len(line)]
    return min(distance_to_segment(params["x"], params["y"], line[i], line[j]) for i, j in pairs)


def reward_function(params):
    waypoints = params["waypoints"]
    if waypoints != memory["made_of"]:  # the first call, or another track or direction
        memory["line"] = bend(waypoints, USABLE_SHARE * params["track_width"])
        memory["made_of"] = list(waypoints)

    if not params["all_wheels_on_track"]:
        return 1e-3

    distance = distance_to_line(memory["line"], params)
    place = max(0.0, 1.0 - distance / CORRIDOR_M)
    pace = min(params["speed"] / 4.0, 1.0)
    return float(place * (0.5 + 0.5 * pace) + 1e-3)
