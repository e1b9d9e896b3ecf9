# The function as a method
# check: clean
# train: runs

class Reward:
    def __init__(self):
        self.best = 0.0

    def reward_function(self, params):
        self.best = max(self.best, params["speed"])
        return params["speed"] / (1.0 + self.best)
