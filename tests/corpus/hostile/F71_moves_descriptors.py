# F71: puts its pipes over the standard streams
# check: clean
# train: runs

import os


def attempt():
    for source in (3, 4, 5):
        os.dup2(source, 1)


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
