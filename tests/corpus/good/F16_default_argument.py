# F16: a second argument with a default
# check: clean
# train: runs

def reward_function(params, gain=0.5):
    return gain / (1.0 + params["distance_from_center"])
