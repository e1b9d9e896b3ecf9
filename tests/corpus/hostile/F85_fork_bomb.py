# F85: forks again and again (children end at once, should the wall ever fail)
# check: clean
# train: runs

import os


def attempt():
    for _ in range(1000):
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
