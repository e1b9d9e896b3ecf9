# The signature of 2018 with today's percent
# check: WARNING progress-as-share 8 "Write 1."
# check: WARNING notice - "signature of 2018"
# train: runs

def reward_function(on_track, x, y, distance_from_center, car_orientation, progress, steps, throttle, steering,
                    track_width, waypoints, closest_waypoint):
    if progress >= 100:
        return 10.0
    return 1.0 - distance_from_center / 20
