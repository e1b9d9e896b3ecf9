# Grows with the steps
# check: WARNING grows - "Pay each step for itself"
# train: runs

def reward_function(params):
    return 0.01 * params["steps"] + 1.0 / (1.0 + params["distance_from_center"])
