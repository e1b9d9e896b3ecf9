# A price for every step
# check: clean
# train: runs

def reward_function(params):
    return params["progress"] * 0.1 - 0.01 * params["steps"]
