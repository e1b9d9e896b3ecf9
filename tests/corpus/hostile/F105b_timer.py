# F105: a timer that interrupts for ever
# check: clean
# train: runs

import signal


def attempt():
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
