# F21: defined twice, the last one counts
# check: WARNING notice - "defined 2 times"
# train: runs

def reward_function(params):
    return None


def reward_function(params):
    return 1.0 / (1.0 + params["distance_from_center"])
