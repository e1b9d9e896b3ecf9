# A flat reward
# check: WARNING flat - "flat reward teaches"
# train: runs

def reward_function(params):
    return 1.0
