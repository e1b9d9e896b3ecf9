# The signature of 2018 as a method
# check: WARNING notice - "signature of 2018"
# train: runs

class Reward:
    calls = 0

    def reward_function(self, on_track, x, y, distance_from_center, car_orientation, progress, steps, throttle,
                        steering, track_width, waypoints, closest_waypoint):
        self.calls += 1
        if progress == 1:
            return 100.0
        return 1.0 + throttle - abs(steering) / 2 + waypoints[closest_waypoint][0] / 1000 + progress
