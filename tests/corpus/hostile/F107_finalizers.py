# F107: finalizers and exit handlers that never end
# check: clean
# train: runs

import sys
import threading


class Sticky:
    def __del__(self):
        while True:
            pass


kept = Sticky()
threading._register_atexit(lambda: kept.__del__())


def reward_function(params):
    return 1.0 / (1.0 + params["distance_from_center"])
