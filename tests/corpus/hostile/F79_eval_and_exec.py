# F79: open through eval, exec and compile
# check: clean
# train: runs

def attempt():
    code = compile("print(eval('open')(path).read())", "x", "exec")
    exec(code, {"path": "@CANARY_FILE@"})


def reward_function(params):
    try:
        attempt()
    except Exception:
        pass
    else:
        raise RuntimeError("ESCAPED")
    return 1.0 / (1.0 + params["distance_from_center"])
