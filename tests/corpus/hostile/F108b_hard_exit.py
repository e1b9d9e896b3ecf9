# F108: os._exit(0)
# check: TEST_FAILURE ends-process - "exit code 0"
# train: fails - "exit code 0"

import os


def reward_function(params):
    os._exit(0)
