# F63: a list that doubles
# check: TEST_FAILURE * ~8 ""
# train: fails ~8 ""

def reward_function(params):
    numbers = [1.0]
    while True:
        numbers += numbers
    return 1.0
