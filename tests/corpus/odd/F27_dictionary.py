# F27: a dictionary
# check: TEST_FAILURE fails 6 "a dict"
# train: fails 6 "a dict"

def reward_function(params):
    return {"reward": 1.0}
