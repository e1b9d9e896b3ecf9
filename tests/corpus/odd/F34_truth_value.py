# F34: True and False
# check: WARNING notice - "truth value"
# train: runs

def reward_function(params):
    return params["all_wheels_on_track"]
