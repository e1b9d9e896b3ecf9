# Compares progress with 1
# check: WARNING progress-as-share 6 "Write 100"
# train: runs

def reward_function(params):
    if params["progress"] == 1:
        return 100.0
    return 1.0 / (1.0 + params["distance_from_center"])
