# F52: a loop without an end on import
# check: IMPORT_ERROR out-of-time ~5 "the import to end"
# train: fails ~5 "the import to end"

while True:
    pass


def reward_function(params):
    return 1.0
