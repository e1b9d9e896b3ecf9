# The guide's kind: progress against the steps
# check: clean
# train: runs

def reward_function(params):
    steps = params['steps']
    progress = params['progress']
    TOTAL_NUM_STEPS = 300
    reward = 1.0
    if (steps % 100) == 0 and progress > (steps / TOTAL_NUM_STEPS) * 100:
        reward += 10.0
    return float(reward)
