# F106: kills whoever started it, and its group
# check: clean
# train: runs

import os
import signal


def attempt():
    for act in (lambda: os.kill(os.getppid(), signal.SIGTERM), lambda: os.killpg(0, signal.SIGTERM)):
        try:
            act()
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
