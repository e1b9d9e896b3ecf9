# The guide's objects without asking whether there are any
# check: TEST_FAILURE fails 11 "A time trial has no objects"
# train: fails 11 "IndexError"

import math


def reward_function(params):
    objects_location = params["objects_location"]
    _, next_object_index = params["closest_objects"]
    next_object_loc = objects_location[next_object_index]
    distance = math.sqrt((params["x"] - next_object_loc[0]) ** 2 + (params["y"] - next_object_loc[1]) ** 2)
    return 1.0 if distance > 0.8 else 0.2
