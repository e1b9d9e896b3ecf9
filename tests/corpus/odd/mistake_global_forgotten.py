# A global that is not declared
# check: TEST_FAILURE fails 9 "write `global previous`"
# train: fails 9 "global previous"

previous = 0.0


def reward_function(params):
    change = params["steering_angle"] - previous
    previous = params["steering_angle"]
    return 1.0 / (1.0 + abs(change))
