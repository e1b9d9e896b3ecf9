# F65: a megabyte of output with each call
# check: TEST_FAILURE prints-too-much - "Print less"
# train: fails - "Print less"

def reward_function(params):
    print("x" * 1_000_000)
    return 1.0 / (1.0 + params["distance_from_center"])
