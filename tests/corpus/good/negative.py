# Punishment only
# check: clean
# train: runs

def reward_function(params):
    if params["is_offtrack"]:
        return -10.0
    return -params["distance_from_center"] - 0.01 * abs(params["steering_angle"])
