# Names and texts in other scripts
# check: clean
# train: runs

größe = "ß→µ"


def reward_function(params):
    ширина = params["track_width"]
    return 1.0 - params["distance_from_center"] / ширина / 10 + len(größe) / 100
