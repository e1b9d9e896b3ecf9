# F14: two arguments
# check: SYNTAX_ERROR signature 5 "(params, action)"
# train: fails 5 "(params, action)"

def reward_function(params, action):
    return 1.0
