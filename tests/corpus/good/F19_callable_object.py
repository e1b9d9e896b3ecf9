# F19: an object that can be called
# check: clean
# train: runs

class Centre:
    def __init__(self, gain):
        self.gain = gain

    def __call__(self, params):
        return self.gain / (1.0 + params["distance_from_center"])


reward_function = Centre(2.0)
