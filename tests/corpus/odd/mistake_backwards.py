# Pays for going backwards
# check: WARNING pays-backwards - "sign of progress"
# train: runs

def reward_function(params):
    return 101.0 - params["progress"]
