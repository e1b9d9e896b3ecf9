# F49: a message of a million characters
# check: TEST_FAILURE fails 6 "ValueError: aaaa"
# train: fails 6 "aaaa"

def reward_function(params):
    raise ValueError("a" * 1_000_000)
