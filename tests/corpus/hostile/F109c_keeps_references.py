# F109: keeps what it was handed and changes it later
# check: clean
# train: runs as control

kept = []


def reward_function(params):
    for old in kept[-3:]:
        old["waypoints"].reverse()
        old["progress"] = 100.0
    kept.append(params)
    return 1.0 / (1.0 + params["distance_from_center"])
