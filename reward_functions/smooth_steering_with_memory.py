"""Pay for steering that changes little from one step to the next.

Teaches: memory. Names of the module live on between calls and between episodes, so the function can compare with the
step before. A new episode is recognised by its step count falling; without that the last steps of the old episode
would leak in.
Expect: a calm car that also behaves better on a real track, where servos need time.
"""

from collections import deque

N_REMEMBERED = 4
recent_angles = deque(maxlen=N_REMEMBERED)
last = {"steps": 0.0}


def reward_function(params):
    if params["steps"] <= last["steps"]:
        recent_angles.clear()
    last["steps"] = params["steps"]
    recent_angles.append(params["steering_angle"])

    off_center = min(2.0 * params["distance_from_center"] / params["track_width"], 1.0)
    reward = 1.0 - 0.8 * off_center

    swing = max(recent_angles) - min(recent_angles)  # degrees over the last steps
    reward *= 1.0 - min(swing / 60.0, 1.0) * 0.7

    return float(max(reward, 1e-3))
