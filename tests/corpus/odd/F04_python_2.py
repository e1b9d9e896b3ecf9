# F4: print as in Python 2
# check: SYNTAX_ERROR syntax 6 "print"
# train: fails 6 "print"

def reward_function(params):
    print "speed", params["speed"]
    return 1.0
