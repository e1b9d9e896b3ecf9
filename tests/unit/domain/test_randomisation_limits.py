"""What may be asked of each range is what is taken."""

from __future__ import annotations

import pytest

from deepracer_local.domain import RandomisationSpec, RangeLimits, randomisation_limits, to_randomisation
from deepracer_local.errors import SpecError

LIMITS = randomisation_limits()


def test_every_range_has_its_limits_and_left_out_it_is_as_specified() -> None:
    assert [limits.name for limits in LIMITS] == list(RandomisationSpec.model_fields)
    assert {limits.name: (limits.specified,) * 2 for limits in LIMITS} == dict(RandomisationSpec())
    assert {limits.name for limits in LIMITS if limits.is_whole} == {"action_delay_steps", "camera_delay_steps"}


@pytest.mark.parametrize("limits", LIMITS, ids=lambda limits: limits.name)
def test_ends_are_taken_up_to_the_limits_and_not_beyond(limits: RangeLimits) -> None:
    name, low, high = limits.name, limits.low, limits.high

    assert dict(to_randomisation({name: [low, high]}))[name] == (low, high)
    for ends in ([low - 1, high], [low, high + 1], [high, low]):
        with pytest.raises(SpecError) as caught:
            to_randomisation({name: ends})
        assert caught.value.field == f"randomisation.{name}"
