# F103: renames, links, removes and changes rights
# check: clean
# train: runs

import os


def attempt():
    acts = (
        lambda: os.symlink("/etc/passwd", "@WRITABLE@/escaped"),
        lambda: os.chmod("@CANARY_FILE@", 0o777),
        lambda: os.unlink("@CANARY_FILE@"),
        lambda: os.mkfifo("@WRITABLE@/escaped"),
        lambda: os.rename("@CANARY_FILE@", "@WRITABLE@/escaped"),
        lambda: os.truncate("@CANARY_FILE@", 0),
    )
    for act in acts:
        try:
            act()
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
