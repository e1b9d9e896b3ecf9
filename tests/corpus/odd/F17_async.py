# F17: a coroutine
# check: SYNTAX_ERROR signature 5 "async"
# train: fails 5 "async"

async def reward_function(params):
    return 1.0
