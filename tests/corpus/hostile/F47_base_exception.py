# F47: an exception that nothing catches by accident
# check: TEST_FAILURE fails 10 "Sneaky"
# train: fails 10 "Sneaky"

class Sneaky(BaseException):
    pass


def reward_function(params):
    raise Sneaky("past the usual handlers")
