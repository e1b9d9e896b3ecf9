# Adds to what it remembers
# check: WARNING grows - "Pay each step for itself"
# train: runs

total = 0.0


def reward_function(params):
    global total
    total += params["track_width"]
    return total / 1000
