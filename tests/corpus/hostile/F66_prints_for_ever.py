# F66: prints without an end
# check: TEST_FAILURE * - ""
# train: fails - ""

import sys


def reward_function(params):
    while True:
        sys.stdout.write("no end ")
