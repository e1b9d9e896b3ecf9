# shapely: how far the car is from a smooth line
# check: clean
# train: runs

from shapely.geometry import LineString, Point

line = None


def reward_function(params):
    global line
    if line is None:
        line = LineString(params["waypoints"]).simplify(0.02)
    return 1.0 / (1.0 + line.distance(Point(params["x"], params["y"])))
