# F98: reads the environment of itself and of its parent
# check: WARNING no-files 11 "runs without files"
# train: runs

import os


def attempt():
    for owner in ("self", str(os.getppid())):
        try:
            print(open(f"/proc/{owner}/environ").read())
        except OSError:
            continue
        return
    raise OSError("none")


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
