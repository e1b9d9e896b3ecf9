# F98: lists folders
# check: clean
# train: runs

import os
import pathlib


def attempt():
    for path in ("/", "/home", "/tmp", "."):
        try:
            print(os.listdir(path), list(pathlib.Path(path).iterdir()))
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
