# F10: a constant that would take for ever to fold
# check: TEST_FAILURE out-of-time ~6 "within 1 s"
# train: fails ~6 "within 1 s"

def reward_function(params):
    return float(9**9**9 % 7)
