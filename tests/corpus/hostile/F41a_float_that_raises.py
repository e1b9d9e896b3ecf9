# F41: a number whose conversion raises
# check: TEST_FAILURE fails 11 "float() refuses"
# train: fails 11 "float() refuses"

class Sly(float):
    def __float__(self):
        raise OSError("no")


def reward_function(params):
    return Sly(1.0)
