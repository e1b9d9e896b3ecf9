from __future__ import annotations

import copy
import math
import pickle
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.errors import RewardError
from deepracer_local.reward import RewardFunction, from_callable
from tests.unit.reward.states import LEGACY, in_process, params


def failing(text: str, state: dict[str, Any] | None = None) -> RewardError:
    reward = in_process(text)
    with pytest.raises(RewardError) as caught:
        reward.call(state or params())
    return caught.value


def body(*lines: str) -> str:
    return "\n".join(
        ["import math", "import numpy as np", "def reward_function(params):", *("    " + x for x in lines)]
    )


COUNTS = {
    "int": ("return 2", 2.0),
    "float": ("return 0.5", 0.5),
    "float32": ("return np.float32(0.5)", 0.5),
    "float64": ("return np.float64(0.5)", 0.5),
    "int64": ("return np.int64(3)", 3.0),
    "the limit": ("return -1e5", -1e5),
    "denormal": ("return 1e-320", 1e-320),
}


@pytest.mark.parametrize(("line", "expected"), COUNTS.values(), ids=COUNTS.keys())
def test_numbers_count_without_a_word(line: str, expected: float) -> None:
    reward = in_process(body(line))

    value = reward.call(params())

    assert (value, type(value), reward.notices) == (expected, float, [])


NOTICED = {
    "bool": ("return True", 1.0),
    "numpy bool": ("return np.bool_(False)", 0.0),
    "0-d array": ("return np.array(0.5)", 0.5),
    "array of one": ("return np.array([0.5])", 0.5),
    "fraction": ("from fractions import Fraction; return Fraction(1, 2)", 0.5),
    "decimal": ("from decimal import Decimal; return Decimal('0.5')", 0.5),
}


@pytest.mark.parametrize(("line", "expected"), NOTICED.values(), ids=NOTICED.keys())
def test_numbers_in_disguise_count_with_one_notice(line: str, expected: float) -> None:
    reward = in_process(body(line))

    values = [reward.call(params()) for _ in range(3)]

    assert values == [expected] * 3
    assert len(reward.notices) == 1


REFUSED = {
    "none": "return None",
    "no return": "pass",
    "text": "return '1.0'",
    "nan": "return float('nan')",
    "infinity": "return -math.inf",
    "too large": "return 100001",
    "huge int": "return 10 ** 400",
    "float32 too large": "return np.float32(1e6)",
    "complex": "return 1 + 2j",
    "numpy complex": "return np.complex128(1)",
    "list": "return [1.0]",
    "dict": "return {}",
    "array of two": "return np.array([1.0, 2.0])",
    "array of text": "return np.array(['1'])",
    "decimal nan": "from decimal import Decimal; return Decimal('nan')",
    "float that refuses": "return type('F', (float,), {'__float__': lambda self: 1 / 0})(1)",
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_number_ends_the_run_with_line_and_parameters(line: str) -> None:
    state = params(steps=77.0)

    error = failing(body("x = 1", line), state)

    assert error.line == 5
    assert error.params == state


def test_the_return_that_gave_the_bad_value_is_blamed_among_several() -> None:
    text = body(
        "if params['steps'] > 5:", "    if params['speed'] > 0.5:", "        return None", "    return 2", "return 1"
    )

    assert failing(text).line == 6


def test_a_bad_value_that_does_not_come_again_is_blamed_on_the_function() -> None:
    text = body("calls.append(1)", "if len(calls) == 1:", "    return None", "return 1.0") + "\ncalls = []\n"

    assert failing(text).line == 3


RAISED = {
    "zero division": "1 / 0",
    "name": "undefined_name",
    "system exit": "raise SystemExit(0)",
    "sys.exit": "import sys; sys.exit()",
    "own base exception": "raise type('Mine', (BaseException,), {})('x')",
    "message that fails": "raise type('Mine', (Exception,), {'__str__': lambda self: 1 / 0})()",
    "deep in a library": "np.zeros(3).reshape(2, 2)",
    "assertion": "assert False, 'no'",
}


@pytest.mark.parametrize("line", RAISED.values(), ids=RAISED.keys())
def test_an_exception_becomes_an_error_with_the_users_line(line: str) -> None:
    error = failing(body("x = 1", line, "return 1"))

    assert error.line == 5
    assert error.params == params()
    assert error.__cause__ is not None


def test_the_line_is_the_innermost_of_the_users_own_file() -> None:
    text = "import math\ndef root(x):\n    return math.sqrt(x)\ndef reward_function(params):\n    return root(-1)\n"

    assert failing(text).line == 3


def test_endless_recursion_becomes_an_error() -> None:
    assert failing("def reward_function(params):\n    return reward_function(params)\n").line == 2


def test_a_long_message_is_cut() -> None:
    assert len(str(failing(body("raise ValueError('x' * 1_000_000)")))) < 3_000


def test_the_message_shows_the_line_of_code() -> None:
    assert "return 1 / (params['steps'] - 8)" in str(failing(body("return 1 / (params['steps'] - 8)")))


def test_a_misspelt_parameter_gets_the_nearest_name() -> None:
    assert "'track_width'" in str(failing(body("return params['tarck_width']")))


def test_ctrl_c_passes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        in_process(body("raise KeyboardInterrupt")).call(params())


def test_an_error_survives_the_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(failing(body("return None"))))

    assert (error.line, error.params["steps"]) == (4, 8.0)


def test_functions_globals_and_classes_persist_over_calls_and_episodes() -> None:
    reward = in_process(
        "class Memory:\n    calls = 0\ntotal = 0\ndef reward_function(params):\n    global total\n"
        "    Memory.calls += 1\n    total += params['steps']\n    return Memory.calls * 1000 + total\n"
    )

    first = reward.call(params(steps=2.0))
    reward.begin()
    second = reward.call(params(steps=3.0))

    assert (first, second) == (1002.0, 2005.0)


def test_two_copies_do_not_share_memory() -> None:
    text = "seen = []\ndef reward_function(params):\n    seen.append(1)\n    return len(seen)\n"
    one, other = in_process(text), in_process(text)

    assert [one.call(params()), one.call(params()), other.call(params())] == [1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    "vandalism",
    [
        "params.clear()",
        "params['waypoints'].clear()",
        "params['closest_waypoints'][0] = 99",
        "params['progress'] = 100.0",
        "del params['waypoints']",
        "params['objects_location'].append([0, 0])",
    ],
)
def test_scribbling_on_the_parameters_does_not_reach_the_caller(vandalism: str) -> None:
    state = params()
    before = copy.deepcopy(state)

    in_process(body(vandalism, "return 1.0")).call(state)
    error = failing(body(vandalism, "return None"), state)

    assert state == before
    assert error.params == before


IMPORT_FAULTS = {
    "exception": ("x = 1\nraise ValueError('x')\ndef reward_function(p): return 1\n", 2),
    "missing package": ("import no_such_package_here\ndef reward_function(p): return 1\n", 1),
    "exit": ("import sys\nsys.exit(0)\ndef reward_function(p): return 1\n", 2),
    "class that cannot be made": (
        "class R:\n  def __init__(self, a): pass\n  def reward_function(self, p): return 1\n",
        None,
    ),
    "no function after all": ("reward_function = 3\n", None),
    "deleted": ("def reward_function(p): return 1\ndel reward_function\n", None),
}


@pytest.mark.parametrize(("text", "line"), IMPORT_FAULTS.values(), ids=IMPORT_FAULTS.keys())
def test_a_module_that_fails_is_reported_before_any_call(text: str, line: int | None) -> None:
    with pytest.raises(RewardError) as caught:
        in_process(text)

    assert (caught.value.line, caught.value.params) == (line, None)


def test_the_users_module_is_not_left_among_the_loaded_ones() -> None:
    in_process("def reward_function(params): return 1\n")

    assert "reward_function" not in sys.modules


def test_a_dataclass_with_postponed_annotations_works() -> None:
    reward = in_process(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass Aim:\n    x: float\n"
        "def reward_function(params: dict) -> float:\n    return Aim(0.5).x\n"
    )

    assert reward.call(params()) == 0.5


def test_the_main_block_is_not_run() -> None:
    reward = in_process("def reward_function(p): return 1\nif __name__ == '__main__':\n    raise SystemExit\n")

    assert reward.call(params()) == 1.0


LEGACY_BODY = (
    "return 1000 * on_track + 100 * closest_waypoint + 10 * throttle + steering + progress + car_orientation / 100"
)
LEGACY_SOURCES = {
    "function": f"def reward_function({LEGACY}):\n    {LEGACY_BODY}\n",
    "with self": f"def reward_function(self, {LEGACY}):\n    {LEGACY_BODY}\n",
    "method": f"class Reward:\n    def reward_function(self, {LEGACY}):\n        {LEGACY_BODY}\n",
}


@pytest.mark.parametrize("text", LEGACY_SOURCES.values(), ids=LEGACY_SOURCES.keys())
def test_a_function_of_2018_gets_its_own_units(text: str) -> None:
    # On the road; waypoint 1 at (1, 0) is nearer than 0; half of 2 m/s; half of 30 degrees to the right; a quarter.
    expected = 1000 + 100 + 10 * 0.5 - 0.5 + 0.25 + math.radians(90) / 100

    reward = in_process(text)

    assert reward.call(params()) == pytest.approx(expected)
    assert len(reward.notices) == 1


def test_a_self_without_a_class_can_remember() -> None:
    reward = in_process(
        f"def reward_function(self, {LEGACY}):\n    self.n = vars(self).get('n', 0) + 1\n    return self.n\n"
    )

    assert [reward.call(params()), reward.call(params())] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("state", "argument", "expected"),
    [
        ({"distance_from_center": 0.41}, "on_track", 0.0),
        ({"speed": 9.0}, "throttle", 1.0),
        ({"steering_angle": 45.0}, "steering", 1.0),
        ({"steering_angle": -45.0}, "steering", -1.0),
        ({"progress": 100.0}, "progress == 1", 1.0),
        ({"steps": 3.0}, "isinstance(steps, int)", 1.0),
        ({"x": 0.4}, "closest_waypoint", 0.0),
    ],
)
def test_arguments_of_2018_at_their_limits(state: dict[str, float], argument: str, expected: float) -> None:
    reward = in_process(f"def reward_function({LEGACY}):\n    return {argument}\n")

    assert reward.call(params(**state)) == expected


def test_an_action_space_without_steering_gives_steering_of_zero() -> None:
    reward = from_callable(eval(f"lambda {LEGACY}: steering"), max_steering_angle_deg=0.0)

    assert reward.call(params()) == 0.0


def test_a_callable_of_the_wrong_arity_is_refused() -> None:
    with pytest.raises(RewardError):
        from_callable(lambda a, b: 1.0)


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(RewardError):
        from_callable(1.0)  # type: ignore[arg-type]


def test_callables_of_all_kinds_work() -> None:
    class Scale:
        def __call__(self, params: dict[str, Any]) -> float:
            return 2.0 * float(params["speed"])

        def method(self, params: dict[str, Any]) -> float:
            return 3.0 * float(params["speed"])

    rewards: list[RewardFunction] = [from_callable(Scale()), from_callable(Scale().method), from_callable(len)]

    assert [reward.call(params()) for reward in rewards] == [2.0, 3.0, 27.0]


def test_the_line_of_a_failing_callable_is_in_its_own_file() -> None:
    def broken(params: dict[str, Any]) -> float:
        return float(params["nothing"])

    with pytest.raises(RewardError) as caught:
        from_callable(broken).call(params())

    assert caught.value.line == broken.__code__.co_firstlineno + 1


@settings(max_examples=200, deadline=None, derandomize=True)
@given(value=st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text(), st.complex_numbers()))
def test_a_reward_is_finite_and_bounded_or_an_error(value: object) -> None:
    try:
        reward = from_callable(lambda params: value).call(params())
    except RewardError:
        is_fair = isinstance(value, (int, float)) and abs(value) <= 1e5
        assert not is_fair
    else:
        assert math.isfinite(reward)
        assert abs(reward) <= 1e5
        assert reward == float(np.float64(value))  # type: ignore[arg-type]
