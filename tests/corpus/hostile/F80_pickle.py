# F80: a pickle that runs a command
# check: clean
# train: runs

import os
import pickle


def attempt():
    class Bomb:
        def __reduce__(self):
            return os.mkdir, ("@WRITABLE@/escaped",)

    pickle.loads(pickle.dumps(Bomb()))


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
