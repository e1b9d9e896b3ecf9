# F20: a lambda
# check: clean
# train: runs

reward_function = lambda params: 1.0 / (1.0 + params["distance_from_center"])
