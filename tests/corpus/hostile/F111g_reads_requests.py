# F111: eats the next question
# check: TEST_FAILURE * * ""
# train: fails * ""

import os
import struct


def reward_function(params):
    os.read(3, 1 << 20)
    return 1.0 / (1.0 + params["distance_from_center"])
