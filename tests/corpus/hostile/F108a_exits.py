# F108: sys.exit(0)
# check: TEST_FAILURE fails 9 "must return, not exit"
# train: fails 9 "must return, not exit"

import sys


def reward_function(params):
    sys.exit(0)
