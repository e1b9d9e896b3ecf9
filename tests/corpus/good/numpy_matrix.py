# numpy: distances to all waypoints and a small system of equations
# check: clean
# train: runs

import numpy as np


def reward_function(params):
    points = np.array(params["waypoints"], dtype=float)
    here = np.array([params["x"], params["y"]])
    nearest = np.sort(np.linalg.norm(points - here, axis=1))[:3]
    weights = np.linalg.solve(np.eye(3) * 2 + 0.1, np.ones(3))
    return float(np.clip(1.0 - nearest @ weights, 0.001, 1.0))
