# F2: a syntax error
# check: SYNTAX_ERROR syntax 6 "Expected Python code"
# train: fails 6 "expected Python code"

def reward_function(params):
    return 1.0 +* params["speed"]
