# F89: an event loop
# check: clean
# train: runs

def attempt():
    import asyncio

    asyncio.run(asyncio.sleep(0))


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
