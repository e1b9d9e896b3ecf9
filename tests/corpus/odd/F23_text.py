# F23: a number as text
# check: TEST_FAILURE fails 6 "the text '1.0'"
# train: fails 6 "the text '1.0'"

def reward_function(params):
    return "1.0"
