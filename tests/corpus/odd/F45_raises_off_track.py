# F45: raises only beside the road
# check: TEST_FAILURE fails 7 "ZeroDivisionError"
# train: fails 7 "ZeroDivisionError"

def reward_function(params):
    if params["is_offtrack"]:
        return 1.0 / (params["progress"] - params["progress"])
    return 1.0 / (1.0 + params["distance_from_center"])
