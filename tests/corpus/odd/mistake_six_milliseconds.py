# More than 5 ms a call
# check: WARNING slow - "every training step waits"
# train: runs

import time


def reward_function(params):
    time.sleep(0.007)
    return 1.0 / (1.0 + params["distance_from_center"])
