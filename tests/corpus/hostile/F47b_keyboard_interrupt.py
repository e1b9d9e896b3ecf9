# F47: Ctrl-C, raised by hand
# check: TEST_FAILURE fails 6 "KeyboardInterrupt"
# train: fails 6 "KeyboardInterrupt"

def reward_function(params):
    raise KeyboardInterrupt
