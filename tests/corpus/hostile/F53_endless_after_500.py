# F53: a loop without an end from the call 501 on
# check: TEST_FAILURE out-of-time ~11 "within 1 s"
# train: fails ~11 "within 1 s"
# steps: 600

calls = [0]


def reward_function(params):
    calls[0] += 1
    while calls[0] > 500:
        pass
    return 1.0 / (1.0 + params["distance_from_center"])
