# F13: no argument
# check: SYNTAX_ERROR signature 5 "got (no argument)"
# train: fails 5 "no argument"

def reward_function():
    return 1.0
