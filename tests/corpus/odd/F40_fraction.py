# F40: a Fraction
# check: WARNING notice - "Fraction"
# train: runs

from fractions import Fraction


def reward_function(params):
    return Fraction(1, 1 + int(10 * params["distance_from_center"]))
