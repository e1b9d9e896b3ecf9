# F112: behaves while it is being checked (the clock starts late), then exits
# check: clean
# train: fails - "exit code 3"
# steps: 1300

import os

calls = [0]


def reward_function(params):
    calls[0] += 1
    if params["sim_time"] < 60.0 and calls[0] > 1200:
        os._exit(3)
    return 1.0 / (1.0 + params["distance_from_center"])
