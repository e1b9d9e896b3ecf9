# F25: a tuple
# check: TEST_FAILURE fails 6 "a tuple"
# train: fails 6 "a tuple"

def reward_function(params):
    return (1.0, 2.0)
