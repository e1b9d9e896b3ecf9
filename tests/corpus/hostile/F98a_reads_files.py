# F98: reads files that are none of its business
# check: WARNING no-files 8 "runs without files"
# train: runs

def attempt():
    for path in ("@CANARY_FILE@", "/etc/passwd", "/proc/self/status"):
        try:
            print(open(path).read())
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
