# F76: open through the builtins
# check: clean
# train: runs

def attempt():
    print(__builtins__["open"]("@CANARY_FILE@").read())


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
