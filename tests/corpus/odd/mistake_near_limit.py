# Near the largest reward
# check: WARNING near-limit - "Scale it down"
# train: runs

def reward_function(params):
    return 50_000.0 / (1.0 + params["distance_from_center"])
