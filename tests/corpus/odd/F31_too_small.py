# F31: beyond the limit, negative
# check: TEST_FAILURE fails 6 "from -100000 to 100000"
# train: fails 6 "from -100000 to 100000"

def reward_function(params):
    return -1e6 * params["track_width"]
