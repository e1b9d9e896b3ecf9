# F86: posix_spawn
# check: clean
# train: runs

import os


def attempt():
    os.posix_spawn("/bin/touch", ["touch", "@WRITABLE@/escaped"], {})


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
