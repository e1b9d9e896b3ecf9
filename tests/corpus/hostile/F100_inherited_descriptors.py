# F100: reads from descriptors that it may have inherited
# check: clean
# train: runs

import os


def attempt():
    for number in range(7, 1024):
        try:
            print(os.read(number, 100))
        except OSError:
            continue
        return
    raise OSError("none")


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
