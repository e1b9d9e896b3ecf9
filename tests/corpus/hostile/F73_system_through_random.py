# F73: os.system through a module that imported it
# check: clean
# train: runs

import random


def reward_function(params):
    if random._os.system("touch @WRITABLE@/escaped") == 0:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
