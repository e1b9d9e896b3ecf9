# Globals that persist between calls
# check: clean
# train: runs

previous_steering = 0.0
n_calls = 0


def reward_function(params):
    global previous_steering, n_calls
    n_calls += 1
    change = abs(params["steering_angle"] - previous_steering)
    previous_steering = params["steering_angle"]
    return 1.0 / (1.0 + change / 30 + params["distance_from_center"])
