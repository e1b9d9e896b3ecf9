# The signature of 2018 with self, outside a class
# check: WARNING notice - "signature of 2018"
# train: runs

def reward_function(self, on_track, x, y, distance_from_center, car_orientation, progress, steps, throttle,
                    streering, track_width, waypoints, closest_waypoints):
    import math

    if not on_track:
        return 1e-3
    return math.cos(car_orientation) + 2.0 + abs(streering) + throttle
