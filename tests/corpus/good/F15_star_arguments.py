# F15: any number of arguments
# check: clean
# train: runs

def reward_function(*args):
    return 1.0 - args[0]["distance_from_center"] / 10
