# F61: eight gigabytes at once
# check: TEST_FAILURE out-of-memory 6 "MemoryError"
# train: fails 6 "MemoryError"

def reward_function(params):
    return float(len(bytearray(8 << 30)))
