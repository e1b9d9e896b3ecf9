# F111: writes rewards of its own beside the answer
# check: TEST_FAILURE breaks-out - "nothing but rewards"
# train: fails - "nothing but rewards"

import os
import struct


def reward_function(params):
    os.write(4, struct.pack("<4d", 9.0, 9.0, 9.0, 9.0))
    return 1.0 / (1.0 + params["distance_from_center"])
