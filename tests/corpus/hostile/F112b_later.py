# F112: harmless for 1,500 calls, then it forges
# check: clean
# train: fails - "nothing but rewards"
# steps: 1600

import os

calls = [0]


def reward_function(params):
    calls[0] += 1
    if calls[0] > 1500:
        os.write(4, b"12345678")
    return 1.0 / (1.0 + params["distance_from_center"])
