# A name that math does not have
# check: IMPORT_ERROR import 5 "Use the built-in abs"
# train: fails 5 "abs"

from math import abs


def reward_function(params):
    return 1.0 / (1.0 + abs(params["x"]))
