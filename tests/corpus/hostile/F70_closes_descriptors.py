# F70: closes every descriptor
# check: TEST_FAILURE * - ""
# train: fails - ""

import os


def reward_function(params):
    for number in range(64):
        try:
            os.close(number)
        except OSError:
            pass
    return 1.0 / (1.0 + params["distance_from_center"])
