# F24: a complex number
# check: TEST_FAILURE fails 6 "a complex"
# train: fails 6 "a complex"

def reward_function(params):
    return 1.0 + 2.0j
