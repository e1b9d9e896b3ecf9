# F108: os._exit(0) on import
# check: IMPORT_ERROR ends-process - "exit code 0"
# train: fails - "exit code 0"

import os

os._exit(0)


def reward_function(params):
    return 1.0
