# F60: recursion without the interpreter's limit
# check: TEST_FAILURE * - ""
# train: fails - ""

import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __init__(self, inner):
        self.inner = inner

    def __repr__(self):
        return repr(self.inner)


def reward_function(params):
    deep = Deep(None)
    deep.inner = deep
    return float(len(repr(deep)))
