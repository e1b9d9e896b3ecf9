# F87: multiprocessing
# check: clean
# train: runs

def attempt():
    import multiprocessing

    multiprocessing.Process(target=print).start()


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
