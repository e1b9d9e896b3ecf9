# F77: imports what was not loaded
# check: clean
# train: runs

import importlib


def attempt():
    importlib.import_module("multiprocessing.pool")


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
