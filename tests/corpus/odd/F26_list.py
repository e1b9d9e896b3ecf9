# F26: a list
# check: TEST_FAILURE fails 6 "a list"
# train: fails 6 "a list"

def reward_function(params):
    return [1.0]
