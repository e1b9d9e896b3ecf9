# F111: reports the failure of another state
# check: TEST_FAILURE breaks-out - "nothing but rewards"
# train: fails - "nothing but rewards"

import os
import struct


def reward_function(params):
    os.write(5, struct.pack("<BHI", 3, 500, 5) + bytes(5))
    return 1.0 / (1.0 + params["distance_from_center"])
