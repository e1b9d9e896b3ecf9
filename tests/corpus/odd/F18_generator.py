# F18: a generator
# check: SYNTAX_ERROR signature 5 "yield"
# train: fails 5 "yield"

def reward_function(params):
    yield 1.0
