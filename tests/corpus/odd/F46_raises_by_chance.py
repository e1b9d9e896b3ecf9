# F46: raises in one call of ten, by chance
# check: TEST_FAILURE fails 12 "bad luck"
# train: fails 12 "bad luck"

import random

dice = random.Random(4)


def reward_function(params):
    if dice.random() < 0.1:
        raise RuntimeError("bad luck")
    return 1.0 / (1.0 + params["distance_from_center"])
