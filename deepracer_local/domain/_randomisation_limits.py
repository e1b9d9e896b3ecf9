"""What may be asked of the ranges of a randomisation, for those who show a form."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import AfterValidator

from deepracer_local.domain._randomisation import Bounds, RandomisationSpec


class RangeLimits(NamedTuple):
    """What may be asked of one range of a ``RandomisationSpec``."""

    name: str
    """The field."""
    unit: str
    """Of its ends: ``x`` is a factor, ``grey`` are grey levels."""
    low: float
    """No end is below it."""
    high: float
    """No end is above it."""
    specified: float
    """Both ends where the range is left out."""
    is_whole: bool
    """Whether its ends are whole numbers."""
    description: str
    """What it is, in a few words."""


_UNITS = {
    "friction": "x",
    "mass": "x",
    "motor_time": "x",
    "steering_bias_deg": "deg",
    "action_delay_steps": "steps",
    "camera_delay_steps": "steps",
    "camera_pitch_deg": "deg",
    "camera_yaw_deg": "deg",
    "camera_height_m": "m",
    "camera_fov_deg": "deg",
    "contrast": "x",
    "light": "share",
    "blur_sigma_px": "px",
}
"""All others are grey levels."""


def randomisation_limits() -> tuple[RangeLimits, ...]:
    """Returns what may be asked of each range, in the order of the fields."""
    found = []
    for name, field in RandomisationSpec.model_fields.items():
        [bounds] = [it.func for it in field.metadata if isinstance(it, AfterValidator)]
        assert isinstance(bounds, Bounds)
        specified = field.default[0]
        found.append(
            RangeLimits(
                name,
                _UNITS.get(name, "grey"),
                bounds.low,
                bounds.high,
                specified,
                isinstance(specified, int),
                str(field.description),
            )
        )
    return tuple(found)
