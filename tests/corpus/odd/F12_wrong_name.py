# F12: a name with a typing mistake
# check: SYNTAX_ERROR signature 5 "Rename 'reward_func'"
# train: fails 5 "Rename"

def reward_func(params):
    return 1.0
