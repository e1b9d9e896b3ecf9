# F69: writes to standard error
# check: clean
# train: runs

import sys


def reward_function(params):
    if params["steps"] < 5:
        sys.stderr.write("a word\n")
        sys.__stderr__.write("another\n")
    return 1.0 / (1.0 + params["distance_from_center"])
