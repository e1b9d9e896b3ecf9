"""What every implementation of ``RewardFunction`` must do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from deepracer_local.errors import RewardError
from deepracer_local.reward import RewardFunction, from_callable
from tests.unit.reward.states import LEGACY, in_process, params


def as_params_source(expression: str) -> RewardFunction:
    return in_process(
        "calls = []\ndef reward_function(params):\n    steps, waypoints = params['steps'], params['waypoints']\n"
        f"    calls.append(1)\n    return {expression}\n"
    )


def as_positional_source(expression: str) -> RewardFunction:
    return in_process(f"calls = []\ndef reward_function({LEGACY}):\n    calls.append(1)\n    return {expression}\n")


def as_callable(expression: str) -> RewardFunction:
    names: dict[str, Any] = {"calls": []}
    exec(
        "def function(params):\n    steps, waypoints = params['steps'], params['waypoints']\n"
        f"    calls.append(1)\n    return {expression}\n",
        names,
    )
    return from_callable(names["function"])


Make = Callable[[str], RewardFunction]


@pytest.fixture(params=[as_params_source, as_positional_source, as_callable], ids=["params", "positional", "callable"])
def make(request: pytest.FixtureRequest) -> Make:
    function: Make = request.param
    return function


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


def test_ctrl_c_is_not_swallowed(make: Make) -> None:
    with pytest.raises(KeyboardInterrupt):
        make("(_ for _ in ()).throw(KeyboardInterrupt)").call(params())


def test_closing_twice_is_fine(make: Make) -> None:
    reward = make("1.0")

    reward.close()
    reward.close()
