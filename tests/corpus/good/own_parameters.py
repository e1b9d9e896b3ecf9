# Keys of its own and defaults for keys that may be missing
# check: clean
# train: runs

def reward_function(params):
    params["share"] = params["distance_from_center"] / params["track_width"]
    bonus = params.get("bonus", 0.25)
    if "lidar" in params:
        bonus += params["lidar"]
    return max(1.0 - params["share"], 0.0) + bonus
