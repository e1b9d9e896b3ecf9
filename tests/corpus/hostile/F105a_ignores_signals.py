# F105: ignores every signal and never ends
# check: TEST_FAILURE out-of-time - "within 1 s"
# train: fails - "within 1 s"

import signal


def reward_function(params):
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while params:
        pass
    return 1.0
