# F3: tabs and spaces mixed
# check: SYNTAX_ERROR syntax 7 "tabs and spaces"
# train: fails 7 "tabs and spaces"

def reward_function(params):
    x = 1.0
	return x
