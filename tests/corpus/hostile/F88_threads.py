# F88: a thousand threads
# check: clean
# train: runs

import threading


def attempt():
    for _ in range(1000):
        threading.Thread(target=print).start()


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
