# F56: a power of a hundred million digits
# check: TEST_FAILURE out-of-time ~7 "within 1 s"
# train: fails ~7 "within 1 s"

def reward_function(params):
    ten = 10
    return float(len(str(ten ** (ten**8))))
