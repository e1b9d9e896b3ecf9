# F54: a loop inside the interpreter's own code
# check: TEST_FAILURE out-of-time - "within 1 s"
# train: fails - "within 1 s"

def reward_function(params):
    return float(sum(range(10**12)))
