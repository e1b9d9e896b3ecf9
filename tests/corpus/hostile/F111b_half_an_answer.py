# F111: writes half an answer
# check: TEST_FAILURE breaks-out - "nothing but rewards"
# train: fails - "nothing but rewards"

import os
import struct


def reward_function(params):
    os.write(4, b"1234")
    return 1.0 / (1.0 + params["distance_from_center"])
