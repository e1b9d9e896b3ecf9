# F33: integers
# check: clean
# train: runs

def reward_function(params):
    return 2 if params["distance_from_center"] < 0.2 else 1
