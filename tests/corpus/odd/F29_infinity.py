# F29: infinity
# check: TEST_FAILURE fails 6 "infinity"
# train: fails 6 "infinity"

def reward_function(params):
    return float("-inf")
