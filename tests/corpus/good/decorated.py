# A decorator and a cache
# check: clean
# train: runs

import functools
import math


def positive(function):
    @functools.wraps(function)
    def inner(params):
        return max(function(params), 1e-3)

    return inner


@functools.lru_cache(maxsize=None)
def band(share):
    return math.exp(-4 * share)


@positive
def reward_function(params):
    return band(round(params["distance_from_center"] / params["track_width"], 2))
