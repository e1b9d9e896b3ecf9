# An import that is missing
# check: TEST_FAILURE fails 6 "Write `import math`"
# train: fails 6 "import math"

def reward_function(params):
    return math.exp(-params["distance_from_center"])
