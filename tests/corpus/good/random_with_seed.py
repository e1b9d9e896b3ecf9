# Random numbers of its own, with a seed
# check: clean
# train: runs

import random

dice = random.Random(7)


def reward_function(params):
    return (0.9 + 0.2 * dice.random()) / (1.0 + params["distance_from_center"])
