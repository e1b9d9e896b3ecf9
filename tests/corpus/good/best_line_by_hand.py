# A line of points in the text and the nearest one found
# check: clean
# train: runs

LINE = [(0.5 * i, 0.25 * (i % 4)) for i in range(40)]


def reward_function(params):
    nearest = min((px - params["x"]) ** 2 + (py - params["y"]) ** 2 for px, py in LINE)
    return 1.0 / (1.0 + nearest)
