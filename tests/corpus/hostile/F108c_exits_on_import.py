# F108: quits on import
# check: IMPORT_ERROR import 5 "SystemExit"
# train: fails 5 "SystemExit"

raise SystemExit(0)


def reward_function(params):
    return 1.0
