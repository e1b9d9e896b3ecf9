# The signature of 2018
# check: WARNING notice - "signature of 2018"
# train: runs

def reward_function(on_track, x, y, distance_from_center, car_orientation, progress, steps, throttle, steering,
                    track_width, waypoints, closest_waypoint):
    if distance_from_center >= 0.0 and distance_from_center <= 0.1 * track_width:
        return 1.0
    if distance_from_center <= 0.5 * track_width:
        return 0.5
    return 1e-3
