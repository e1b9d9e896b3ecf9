# F112: harmless below 3.5 m/s, endless above
# check: TEST_FAILURE out-of-time ~6 "within 1 s"
# train: fails ~6 "within 1 s"

def reward_function(params):
    while params["speed"] > 3.5:
        pass
    return 1.0 / (1.0 + params["distance_from_center"])
