# F104: writes into its own file
# check: WARNING no-files 6 "runs without files"
# train: runs

def attempt():
    open(__file__, "a").write("# changed")


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
