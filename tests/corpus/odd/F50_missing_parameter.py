# F50: a parameter that does not exist
# check: TEST_FAILURE unknown-key 6 "Did you mean 'track_width'?"
# train: fails 6 "track_width"

def reward_function(params):
    width = params["trackwidth"]
    return 1.0 - params["distance_from_center"] / width
