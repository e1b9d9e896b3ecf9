# F83: starts a program
# check: clean
# train: runs

def attempt():
    import subprocess

    subprocess.run(["touch", "@WRITABLE@/escaped"], check=True)


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
