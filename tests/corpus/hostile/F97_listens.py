# F97: listens for connections
# check: clean
# train: runs

def attempt():
    import socket

    socket.create_server(("127.0.0.1", 0))


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
