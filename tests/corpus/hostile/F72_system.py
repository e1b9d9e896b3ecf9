# F72: runs a command with os.system
# check: clean
# train: runs

import os


def reward_function(params):
    if os.system("touch @WRITABLE@/escaped") == 0:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
