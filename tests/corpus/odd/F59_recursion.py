# F59: a function that calls itself without an end
# check: TEST_FAILURE fails 6 "RecursionError"
# train: fails 6 "RecursionError"

def distance(params):
    return distance(params)


def reward_function(params):
    return distance(params)
