# F43: raises at every call
# check: TEST_FAILURE fails 6 "ZeroDivisionError"
# train: fails 6 "Guard the division"

def reward_function(params):
    return 1.0 / 0
