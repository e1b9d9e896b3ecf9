# F111: answers with a NaN past the checks
# check: TEST_FAILURE breaks-out - "nothing but rewards"
# train: fails - "nothing but rewards"

import os
import struct


def reward_function(params):
    os.write(4, struct.pack("<d", float("nan")))
    while True:
        os.nice(0) if params is None else None
