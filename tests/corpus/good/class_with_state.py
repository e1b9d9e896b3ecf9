# A class with state, made once
# check: clean
# train: runs

class Memory:
    def __init__(self):
        self.speeds = []

    def mean(self, speed):
        self.speeds = (self.speeds + [speed])[-10:]
        return sum(self.speeds) / len(self.speeds)


memory = Memory()


def reward_function(params):
    return memory.mean(params["speed"]) * (0.0 if params["is_offtrack"] else 1.0) + 1e-3
