# F48: an exception that cannot be shown
# check: TEST_FAILURE fails 11 "cannot be shown"
# train: fails 11 "cannot be shown"

class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no text for you")


def reward_function(params):
    raise Mute
