# A package that is not there
# check: IMPORT_ERROR import 5 "Do without that package"
# train: fails 5 "tensorflow"

import tensorflow


def reward_function(params):
    return 1.0 / (1.0 + params["distance_from_center"])
