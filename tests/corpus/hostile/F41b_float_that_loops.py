# F41: a number whose conversion never ends
# check: TEST_FAILURE out-of-time ~7 "within 1 s"
# train: fails ~7 "within 1 s"

class Sly(float):
    def __float__(self):
        while True:
            pass


def reward_function(params):
    return Sly(1.0)
