from __future__ import annotations

import inspect

import pytest

from deepracer_local import errors
from deepracer_local.errors import (
    DeepRacerError,
    InvalidInputError,
    MetadataError,
    RewardError,
    TrackError,
    UnknownNameError,
    WorldError,
)

ALL_ERRORS = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, Exception)]


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda error: error.__name__)
def test_every_error_belongs_to_the_one_tree(error: type[Exception]) -> None:
    assert issubclass(error, DeepRacerError)


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda error: error.__name__)
def test_no_error_is_both_the_users_fault_and_the_worlds(error: type[Exception]) -> None:
    assert not (issubclass(error, InvalidInputError) and issubclass(error, WorldError))


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda error: error.__name__)
def test_the_drawing_at_the_top_of_the_file_names_every_error(error: type[Exception]) -> None:
    if error is errors.FieldError:  # the shared half of three others, never raised itself
        return

    assert error.__name__ in (errors.__doc__ or "")


def test_an_unknown_name_suggests_the_nearest_known_one() -> None:
    error = UnknownNameError("track", "reinvnt_2018", ["oval", "reinvent_2018", "straight"])

    assert "Did you mean 'reinvent_2018'?" in str(error)
    assert error.kind == "track"
    assert error.name == "reinvnt_2018"


def test_an_unknown_name_unlike_all_others_suggests_none_and_lists_all() -> None:
    error = UnknownNameError("track", "xyzzy", ["oval", "bends"])

    assert "Did you mean" not in str(error)
    assert "bends, oval" in str(error)
    assert error.known == ("bends", "oval")


def test_an_unknown_name_among_none_says_so() -> None:
    assert "Known: none." in str(UnknownNameError("track", "oval", []))


def test_errors_carry_where_the_fault_is() -> None:
    assert TrackError("…", row=7).row == 7
    assert MetadataError("…", field="action_space.3.speed").field == "action_space.3.speed"
    assert RewardError("…", line=12, params={"x": 1.0}).line == 12


def test_a_reward_error_keeps_its_own_copy_of_the_parameters() -> None:
    params = {"x": 1.0}

    error = RewardError("…", params=params)
    params["x"] = 2.0

    assert error.params == {"x": 1.0}
