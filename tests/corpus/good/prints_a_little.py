# Prints now and then
# check: clean
# train: runs

def reward_function(params):
    if params["steps"] % 100 == 2:
        print("steps", params["steps"], "progress", round(params["progress"], 1))
    return 1.0 / (1.0 + params["distance_from_center"])
