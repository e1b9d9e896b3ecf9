# F111: writes into the channel of the reports
# check: TEST_FAILURE breaks-out - "nothing but rewards"
# train: fails - "nothing but rewards"

import os
import struct


def reward_function(params):
    os.write(5, b"\xff" * 4096)
    return 1.0 / (1.0 + params["distance_from_center"])
