# F51: a loop without an end
# check: TEST_FAILURE out-of-time ~6 "within 1 s"
# train: fails ~6 "within 1 s"

def reward_function(params):
    while True:
        pass
