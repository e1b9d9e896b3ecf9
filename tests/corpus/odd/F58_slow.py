# F58: nine tenths of the time a call may take
# check: WARNING slow - "ms; every training step waits"
# train: runs
# steps: 2

import time


def reward_function(params):
    time.sleep(0.9)
    return 1.0 / (1.0 + params["distance_from_center"])
