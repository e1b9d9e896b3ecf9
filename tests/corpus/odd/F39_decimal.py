# F39: a Decimal
# check: WARNING notice - "Decimal"
# train: runs

from decimal import Decimal


def reward_function(params):
    return Decimal(1) / (1 + Decimal(params["distance_from_center"]))
