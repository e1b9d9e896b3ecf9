# F28: not a number
# check: TEST_FAILURE fails 6 "NaN"
# train: fails 6 "NaN"

def reward_function(params):
    return float("nan")
