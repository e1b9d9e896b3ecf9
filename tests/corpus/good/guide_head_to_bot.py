# The guide's kind: race against other cars, if there are any
# check: clean
# train: runs

def reward_function(params):
    is_left = params['is_left_of_center']
    reward = 1.0 - params['distance_from_center'] / (2 * params['track_width'])
    if params['is_crashed']:
        return 1e-3
    for location, speed, left in zip(params['objects_location'], params['objects_speed'],
                                     params['objects_left_of_center']):
        away = ((location[0] - params['x'])**2 + (location[1] - params['y'])**2)**0.5
        if away < 1.0 and left == is_left:
            reward *= 0.5 if params['speed'] > speed else 0.8
    if params['object_in_camera']:
        reward *= 0.9
    return float(max(reward, 1e-3))
