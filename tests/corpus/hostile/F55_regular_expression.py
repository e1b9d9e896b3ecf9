# F55: a regular expression that backtracks for ever
# check: TEST_FAILURE out-of-time ~9 "within 1 s"
# train: fails ~9 "within 1 s"

import re


def reward_function(params):
    return 1.0 if re.match(r"(a+)+$", "a" * 60 + "b") else 0.5
