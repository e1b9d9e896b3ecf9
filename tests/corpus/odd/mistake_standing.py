# Pays for standing still
# check: WARNING pays-standing - "learns to stand"
# train: runs

def reward_function(params):
    return 4.1 - params["speed"]
