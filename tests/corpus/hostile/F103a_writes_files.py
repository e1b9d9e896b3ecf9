# F103: writes files
# check: WARNING no-files 8 "runs without files"
# train: runs

def attempt():
    for path in ("@WRITABLE@/escaped", "escaped", "/dev/shm/deepracer-escaped"):
        try:
            open(path, "w").write("x")
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
