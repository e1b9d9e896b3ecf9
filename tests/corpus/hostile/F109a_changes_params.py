# F109: changes everything it is handed
# check: clean
# train: runs as control

def reward_function(params):
    reward = 1.0 / (1.0 + params["distance_from_center"])
    params["progress"] = 100.0
    params["steps"] = 0
    params["waypoints"].clear()
    params["closest_waypoints"][0] = 99
    params.clear()
    return reward
