# F42: an integer that no float can hold
# check: TEST_FAILURE fails 6 "too large for a float"
# train: fails 6 "too large for a float"

def reward_function(params):
    return 10**400
