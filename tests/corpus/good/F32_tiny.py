# F32: a number near the smallest
# check: clean
# train: runs

def reward_function(params):
    return 1e-320 if params["is_offtrack"] else 1.0
