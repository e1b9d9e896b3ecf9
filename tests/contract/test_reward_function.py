"""What every implementation of ``RewardFunction`` must do."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deepracer_local.errors import RewardError
from deepracer_local.reward import RewardFunction, from_callable
from deepracer_local.reward.sandbox import CarReward, open_sandbox
from tests.unit.reward.states import LEGACY, in_process, params


def as_params_source(expression: str) -> RewardFunction:
    return in_process(PARAMS_TEXT.format(expression))


def as_positional_source(expression: str) -> RewardFunction:
    return in_process(POSITIONAL_TEXT.format(expression))


def as_callable(expression: str) -> RewardFunction:
    names: dict[str, Any] = {"calls": []}
    exec(
        "def function(params):\n    steps, waypoints = params['steps'], params['waypoints']\n"
        f"    calls.append(1)\n    return {expression}\n",
        names,
    )
    return from_callable(names["function"])


Make = Callable[[str], RewardFunction]

IN_PROCESS = {"params": as_params_source, "positional": as_positional_source, "callable": as_callable}
PARAMS_TEXT = (
    "calls = []\ndef reward_function(params):\n    steps, waypoints = params['steps'], params['waypoints']\n"
    "    calls.append(1)\n    return {}\n"
)
POSITIONAL_TEXT = f"calls = []\ndef reward_function({LEGACY}):\n    calls.append(1)\n    return {{}}\n"
SANDBOXED = {"sandboxed": PARAMS_TEXT, "sandboxed positional": POSITIONAL_TEXT}


@pytest.fixture(params=[*IN_PROCESS, *SANDBOXED])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    if request.param in IN_PROCESS:
        yield IN_PROCESS[request.param]
        return
    with contextlib.ExitStack() as stack:

        def as_sandboxed(expression: str) -> RewardFunction:
            text = SANDBOXED[request.param].format(expression)
            sandbox = stack.enter_context(contextlib.closing(open_sandbox(text, max_speed_mps=2.0)))
            return CarReward(sandbox, 0)

        yield as_sandboxed


def test_the_reward_is_a_float(make: Make) -> None:
    value = make("int(steps)").call(params(steps=3.0))

    assert (value, type(value)) == (3.0, float)


@pytest.mark.parametrize(
    "expression", ["None", "'1'", "float('nan')", "float('inf')", "1e5 + 1", "-1e5 - 1", "[1]", "1 / 0", "nothing_here"]
)
def test_a_bad_step_raises_with_the_parameters_of_that_step(make: Make, expression: str) -> None:
    state = params(steps=21.0)
    reward = make(expression)

    with pytest.raises(RewardError) as caught:
        reward.call(state)

    assert caught.value.params == state
    assert caught.value.line is not None


def test_a_function_goes_on_after_a_bad_step(make: Make) -> None:
    reward = make("None if steps == 2 else steps")
    with pytest.raises(RewardError):
        reward.call(params(steps=2.0))

    assert reward.call(params(steps=3.0)) == 3.0


def test_memory_outlives_the_episode(make: Make) -> None:
    reward = make("len(calls)")
    reward.begin()
    reward.call(params())
    reward.begin()

    assert reward.call(params()) == 2.0


def test_the_callers_parameters_stay_as_they_were(make: Make) -> None:
    state = params()
    before = copy.deepcopy(state)

    make("1.0 if waypoints.clear() is None else 0.0").call(state)

    assert state == before


def test_the_same_state_gives_the_same_reward(make: Make) -> None:
    reward = make("steps / 3")

    assert reward.call(params()) == reward.call(params())


@pytest.mark.parametrize("make_here", IN_PROCESS.values(), ids=IN_PROCESS)
def test_ctrl_c_is_not_swallowed(make_here: Make) -> None:
    with pytest.raises(KeyboardInterrupt):
        make_here("(_ for _ in ()).throw(KeyboardInterrupt)").call(params())


def test_closing_twice_is_fine(make: Make) -> None:
    reward = make("1.0")

    reward.close()
    reward.close()
