from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import Command, ContinuousActionSpace, DiscreteActionSpace
from deepracer_local.errors import InvalidInputError

LAWS = settings(max_examples=150, deadline=None, derandomize=True)
FIVE = DiscreteActionSpace(tuple(Command(angle, 1.0) for angle in (-30.0, -15.0, 0.0, 15.0, 30.0)))

_commands = st.builds(Command, st.floats(-90, 90), st.floats(0.01, 20))
_discrete = st.builds(DiscreteActionSpace, st.lists(_commands, min_size=1, max_size=30).map(tuple))


def _ordered(low: float, high: float) -> st.SearchStrategy[list[float]]:
    return st.tuples(st.floats(low, high), st.floats(low, high)).map(sorted).filter(lambda ends: ends[0] < ends[1])


_continuous = st.builds(
    lambda angles, speeds: ContinuousActionSpace(*angles, *speeds), _ordered(-90, 90), _ordered(0.01, 20)
)


@LAWS
@given(_discrete)
def test_a_discrete_action_is_an_index_into_the_commands(space: DiscreteActionSpace) -> None:
    assert tuple(space.decode(i) for i in range(len(space.commands))) == space.commands


@pytest.mark.parametrize(
    "action", [2, np.int64(2), np.array(2), np.array([2]), np.uint8(2)], ids=["int", "int64", "0-d", "1-d", "uint8"]
)
def test_a_discrete_action_may_be_any_kind_of_whole_number(action: Any) -> None:
    assert FIVE.decode(action) == Command(0.0, 1.0)


@pytest.mark.parametrize(
    "action", [-1, 5, 1.7, math.nan, "2", None, np.array([1, 2]), np.array([1.5]), np.array([])], ids=repr
)
def test_a_discrete_action_that_does_not_exist_is_refused(action: Any) -> None:
    with pytest.raises(InvalidInputError):
        FIVE.decode(action)


@LAWS
@given(_discrete)
def test_the_limits_of_a_discrete_space_are_reached_and_never_passed(space: DiscreteActionSpace) -> None:
    assert space.max_speed_mps == max(command.speed_mps for command in space.commands)
    assert all(abs(c.steering_angle_deg) <= space.max_steering_angle_deg for c in space.commands)


@LAWS
@given(_continuous)
def test_minus_one_and_one_are_exactly_the_ends(space: ContinuousActionSpace) -> None:
    assert space.decode([-1.0, -1.0]) == Command(space.low_steering_angle_deg, space.low_speed_mps)
    assert space.decode([1.0, 1.0]) == Command(space.high_steering_angle_deg, space.high_speed_mps)


@LAWS
@given(_continuous, st.floats(-1, 1), st.floats(-1, 1))
def test_a_continuous_action_stays_within_the_ends(space: ContinuousActionSpace, steering: float, speed: float) -> None:
    command = space.decode(np.array([steering, speed]))

    assert space.low_speed_mps <= command.speed_mps <= space.high_speed_mps
    assert space.low_steering_angle_deg <= command.steering_angle_deg <= space.high_steering_angle_deg


@LAWS
@given(_continuous, st.floats(1, 1e300), st.floats(-1e300, -1))
def test_beyond_the_ends_is_clipped(space: ContinuousActionSpace, above: float, below: float) -> None:
    assert space.decode([above, below]) == space.decode([1.0, -1.0])


@LAWS
@given(_continuous, st.floats(-1, 1), st.floats(-1, 1))
def test_between_the_ends_it_is_linear(space: ContinuousActionSpace, one: float, other: float) -> None:
    middle = space.decode([(one + other) / 2, 0.0]).steering_angle_deg

    mean = (space.decode([one, 0.0]).steering_angle_deg + space.decode([other, 0.0]).steering_angle_deg) / 2

    assert middle == pytest.approx(mean, abs=1e-9)


def test_a_symmetric_space_has_straight_ahead_exactly_in_the_middle() -> None:
    assert ContinuousActionSpace(-30.0, 30.0, 1.0, 2.0).decode([0.0, 0.0]) == Command(0.0, 1.5)


@pytest.mark.parametrize("action", [[], [0.0], [0.0, 0.0, 0.0], [math.nan, 0.0], [0.0, math.inf]], ids=repr)
def test_a_continuous_action_is_two_finite_numbers(action: list[float]) -> None:
    with pytest.raises(InvalidInputError):
        ContinuousActionSpace(-30.0, 30.0, 1.0, 2.0).decode(action)


def test_a_commands_angle_in_radians_is_positive_to_the_left() -> None:
    assert Command(30.0, 1.0).steering_rad == pytest.approx(math.pi / 6)
