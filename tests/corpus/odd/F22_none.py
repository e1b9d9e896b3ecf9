# F22: nothing is returned on one path
# check: TEST_FAILURE fails 8 "got None"
# train: fails 8 "got None"

def reward_function(params):
    if params["distance_from_center"] > 99.0:
        return 1.0
    return None
