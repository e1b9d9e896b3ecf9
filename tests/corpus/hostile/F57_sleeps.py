# F57: sleeps for an hour
# check: TEST_FAILURE out-of-time ~9 "within 1 s"
# train: fails ~9 "within 1 s"

import time


def reward_function(params):
    time.sleep(3600)
    return 1.0
