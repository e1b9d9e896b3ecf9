# F86: becomes another program
# check: clean
# train: runs

import os


def attempt():
    os.execv("/bin/sleep", ["sleep", "600"])


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
