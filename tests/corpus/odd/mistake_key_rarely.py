# A key that does not exist, on a path that no state takes
# check: WARNING unknown-key 6 "Did you mean 'is_crashed'?"
# train: runs

def reward_function(params):
    if params["speed"] > 50 and params["is_crash"]:
        return 0.0
    return 1.0 / (1.0 + params["distance_from_center"])
