# F84: forks
# check: clean
# train: runs

import os


def attempt():
    if os.fork() == 0:
        os._exit(0)


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
