# F44: raises at the call 1,501, which no check makes
# check: clean
# train: fails 12 "ValueError: enough"
# steps: 1600

calls = [0]


def reward_function(params):
    calls[0] += 1
    if calls[0] > 1500:
        raise ValueError("enough")
    return 1.0 / (1.0 + params["distance_from_center"])
