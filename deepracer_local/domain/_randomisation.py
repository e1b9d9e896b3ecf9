"""Domain randomisation: what may differ from episode to episode of a training, and what was drawn for one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from deepracer_local.domain._camera import CameraSpec
from deepracer_local.domain._metadata import first_error, read_json_file
from deepracer_local.errors import SpecError, UnknownNameError

MAX_ACTION_DELAY_STEPS, MAX_CAMERA_DELAY_STEPS = 10, 15
"""A car that waits for its first command for 15 steps counts as immobilised."""


class DriveFactors(NamedTuple):
    """By what the car differs from its specification; 1 is as specified."""

    friction: float = 1.0
    """Of the tyre-road coefficient of friction."""
    mass: float = 1.0
    """Of the mass, under the same motor and the same springs."""
    motor_time: float = 1.0
    """Of the time in which the motor reaches a commanded speed."""


class LookFactors(NamedTuple):
    """By what the pictures differ from those of the painted track."""

    brightness: float = 0.0
    """Grey levels added."""
    contrast: float = 1.0
    """Factor on the distance from middle grey."""
    road_grey: float = 0.0
    """Grey levels added to that paint; so for the next four."""
    border_grey: float = 0.0
    centre_line_grey: float = 0.0
    field_grey: float = 0.0
    sky_grey: float = 0.0
    light: float = 0.0
    """Share by which the right edge of the picture is brighter, and the left edge darker, than its middle."""
    blur_sigma_px: float = 0.0
    """Standard deviation of a Gaussian blur, pixels."""


class Conditions(BaseModel):
    """What was drawn for one episode; the fields are those of ``RandomisationSpec``, each one number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    friction: float = 1.0
    mass: float = 1.0
    motor_time: float = 1.0
    steering_bias_deg: float = 0.0
    action_delay_steps: int = 0
    camera_delay_steps: int = 0
    camera_pitch_deg: float = 0.0
    camera_yaw_deg: float = 0.0
    camera_height_m: float = 0.0
    camera_fov_deg: float = 0.0
    brightness: float = 0.0
    contrast: float = 1.0
    road_grey: float = 0.0
    border_grey: float = 0.0
    centre_line_grey: float = 0.0
    field_grey: float = 0.0
    sky_grey: float = 0.0
    light: float = 0.0
    blur_sigma_px: float = 0.0
    noise_sigma: float = 0.0

    @property
    def drive(self) -> DriveFactors:
        """What concerns the simulator."""
        return DriveFactors(self.friction, self.mass, self.motor_time)

    @property
    def look(self) -> LookFactors:
        """What concerns the pictures, but for the noise."""
        return LookFactors(
            self.brightness,
            self.contrast,
            self.road_grey,
            self.border_grey,
            self.centre_line_grey,
            self.field_grey,
            self.sky_grey,
            self.light,
            self.blur_sigma_px,
        )

    def mounted(self, camera: CameraSpec) -> CameraSpec:
        """Returns the camera as it sits on the car in this episode, unchecked."""
        return camera.model_copy(
            update={
                "pitch_down_rad": camera.pitch_down_rad + math.radians(self.camera_pitch_deg),
                "yaw_left_rad": camera.yaw_left_rad + math.radians(self.camera_yaw_deg),
                "offset_z_m": camera.offset_z_m + self.camera_height_m,
                "horizontal_fov_rad": camera.horizontal_fov_rad + math.radians(self.camera_fov_deg),
            }
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between what the ends of a range have to be."""

    low: float
    high: float

    def __call__(self, ends: tuple[float, float]) -> tuple[float, float]:
        if not self.low <= ends[0] <= ends[1] <= self.high:
            raise ValueError(
                f"expected two numbers from {self.low:g} to {self.high:g}, the lower end first, got {list(ends)}"
            )
        return ends


def _between(low: float, high: float) -> AfterValidator:
    """Returns what checks the ends of a range: within the bounds, and in order."""
    return AfterValidator(Bounds(low, high))


FloatRange = tuple[float, float]
"""Lower and upper end; equal ends are a fixed value, which is not drawn."""


class RandomisationSpec(BaseModel):
    """From which ranges the conditions of each episode are drawn, evenly and independently; the default is off.

    Laws: what is drawn lies in its range, ends included; a range of equal ends takes nothing from the generator.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    friction: Annotated[FloatRange, _between(0.2, 3.0)] = Field(
        default=(1.0, 1.0), description="factor on the friction of the tyres"
    )
    mass: Annotated[FloatRange, _between(0.5, 2.0)] = Field(
        default=(1.0, 1.0), description="factor on the mass of the car, under the same motor and springs"
    )
    motor_time: Annotated[FloatRange, _between(0.5, 5.0)] = Field(
        default=(1.0, 1.0), description="factor on the time in which the motor reaches a speed (0.05 s)"
    )
    steering_bias_deg: Annotated[FloatRange, _between(-15.0, 15.0)] = Field(
        default=(0.0, 0.0), description="degrees added to every steering angle, positive to the left"
    )
    action_delay_steps: Annotated[tuple[int, int], _between(0, MAX_ACTION_DELAY_STEPS)] = Field(
        default=(0, 0), description="control steps of 1/15 s from an action to its command"
    )
    camera_delay_steps: Annotated[tuple[int, int], _between(0, MAX_CAMERA_DELAY_STEPS)] = Field(
        default=(0, 0), description="control steps by which pictures are late, beyond the sensor settings"
    )
    camera_pitch_deg: Annotated[FloatRange, _between(-20.0, 20.0)] = Field(
        default=(0.0, 0.0), description="degrees by which the camera looks lower"
    )
    camera_yaw_deg: Annotated[FloatRange, _between(-20.0, 20.0)] = Field(
        default=(0.0, 0.0), description="degrees by which the camera looks to the left"
    )
    camera_height_m: Annotated[FloatRange, _between(-0.1, 0.3)] = Field(
        default=(0.0, 0.0), description="metres by which the camera sits higher"
    )
    camera_fov_deg: Annotated[FloatRange, _between(-30.0, 30.0)] = Field(
        default=(0.0, 0.0), description="degrees by which the lens is wider"
    )
    brightness: Annotated[FloatRange, _between(-128.0, 128.0)] = Field(
        default=(0.0, 0.0), description="grey levels added to every pixel"
    )
    contrast: Annotated[FloatRange, _between(0.1, 3.0)] = Field(
        default=(1.0, 1.0), description="factor on a pixel's distance from middle grey"
    )
    road_grey: Annotated[FloatRange, _between(-128.0, 128.0)] = Field(
        default=(0.0, 0.0), description="grey levels added to the road"
    )
    border_grey: Annotated[FloatRange, _between(-128.0, 128.0)] = Field(
        default=(0.0, 0.0), description="grey levels added to the border lines"
    )
    centre_line_grey: Annotated[FloatRange, _between(-128.0, 128.0)] = Field(
        default=(0.0, 0.0), description="grey levels added to the centre line"
    )
    field_grey: Annotated[FloatRange, _between(-128.0, 128.0)] = Field(
        default=(0.0, 0.0), description="grey levels added to the field"
    )
    sky_grey: Annotated[FloatRange, _between(-128.0, 128.0)] = Field(
        default=(0.0, 0.0), description="grey levels added to the sky"
    )
    light: Annotated[FloatRange, _between(-0.9, 0.9)] = Field(
        default=(0.0, 0.0), description="share by which the right edge of the picture is brighter and the left darker"
    )
    blur_sigma_px: Annotated[FloatRange, _between(0.0, 4.0)] = Field(
        default=(0.0, 0.0), description="pixels, standard deviation of a Gaussian blur"
    )
    noise_sigma: Annotated[FloatRange, _between(0.0, 64.0)] = Field(
        default=(0.0, 0.0), description="grey levels, standard deviation of the noise of every pixel"
    )

    @property
    def is_off(self) -> bool:
        """Whether every episode is as specified."""
        return self == OFF

    def draw(self, random: np.random.Generator) -> Conditions:
        """Returns the conditions of an episode."""
        drawn: dict[str, float] = {}
        for name, (low, high) in self:
            if low == high:
                drawn[name] = low
            elif isinstance(low, int):
                drawn[name] = int(random.integers(low, high, endpoint=True))
            else:
                drawn[name] = float(random.uniform(low, high))
        return Conditions.model_validate(drawn)

    def ends(self) -> tuple[Conditions, Conditions]:
        """Returns the lower ends and the upper ends of all ranges."""
        low, high = ({name: ends[i] for name, ends in self} for i in (0, 1))
        return Conditions.model_validate(low), Conditions.model_validate(high)

    def require_fits(self, camera: CameraSpec) -> None:
        """Sees to it that the camera is possible at the ends of all ranges.

        Raises:
            SpecError: it is not, for example under the ground.
        """
        for conditions in self.ends():
            try:
                CameraSpec.model_validate(conditions.mounted(camera).model_dump())
            except ValidationError as err:
                field, message = first_error(err)
                raise SpecError(
                    f"randomisation: expected a camera that is possible at the ends of its ranges, got {field}: "
                    f"{message}. Narrow the range.",
                    field="randomisation",
                ) from err


OFF = RandomisationSpec()

RANDOMISATIONS: dict[str, RandomisationSpec] = {
    "off": OFF,
    "mild": RandomisationSpec(
        friction=(0.85, 1.15),
        mass=(0.95, 1.1),
        motor_time=(0.8, 1.5),
        steering_bias_deg=(-1.5, 1.5),
        action_delay_steps=(0, 1),
        camera_pitch_deg=(-2.0, 2.0),
        camera_yaw_deg=(-1.5, 1.5),
        camera_height_m=(-0.005, 0.005),
        camera_fov_deg=(-3.0, 3.0),
        brightness=(-20.0, 20.0),
        contrast=(0.85, 1.15),
        road_grey=(-12.0, 12.0),
        border_grey=(-15.0, 10.0),
        centre_line_grey=(-15.0, 15.0),
        field_grey=(-15.0, 15.0),
        sky_grey=(-15.0, 15.0),
        light=(-0.1, 0.1),
        blur_sigma_px=(0.0, 0.5),
        noise_sigma=(0.0, 3.0),
    ),
    "strong": RandomisationSpec(
        friction=(0.6, 1.4),
        mass=(0.85, 1.3),
        motor_time=(0.6, 3.0),
        steering_bias_deg=(-4.0, 4.0),
        action_delay_steps=(0, 2),
        camera_delay_steps=(0, 1),
        camera_pitch_deg=(-5.0, 5.0),
        camera_yaw_deg=(-4.0, 4.0),
        camera_height_m=(-0.015, 0.02),
        camera_fov_deg=(-6.0, 6.0),
        brightness=(-50.0, 50.0),
        contrast=(0.6, 1.4),
        road_grey=(-30.0, 40.0),
        border_grey=(-50.0, 10.0),
        centre_line_grey=(-50.0, 40.0),
        field_grey=(-60.0, 60.0),
        sky_grey=(-60.0, 45.0),
        light=(-0.3, 0.3),
        blur_sigma_px=(0.0, 1.2),
        noise_sigma=(0.0, 10.0),
    ),
}
"""Presets by name."""


def to_randomisation(value: Any, *, source: str = "randomisation") -> RandomisationSpec:
    """Returns the randomisation that a preset's name, an object of ranges or nothing asks for.

    Args:
        value: a name, a mapping from fields to ``[low, high]``, a ``RandomisationSpec`` or None for off.
        source: what to call it in messages.

    Raises:
        SpecError: names the first field at fault.
        UnknownNameError: there is no such preset.
    """
    if value is None:
        return OFF
    if isinstance(value, RandomisationSpec):
        return value
    if isinstance(value, str):
        if value not in RANDOMISATIONS:
            raise UnknownNameError("randomisation", value, RANDOMISATIONS)
        return RANDOMISATIONS[value]
    if not isinstance(value, Mapping):
        raise SpecError(
            f"{source}: expected a preset ({', '.join(RANDOMISATIONS)}) or an object such as "
            f'{{"friction": [0.8, 1.2]}}, got {type(value).__name__}. Write one of them.',
            field=source,
        )
    for name in value:
        if name not in RandomisationSpec.model_fields:
            unknown = UnknownNameError("range", str(name), RandomisationSpec.model_fields)
            raise SpecError(f"{source}: {unknown}", field=f"{source}.{name}") from unknown
    try:
        return RandomisationSpec.model_validate(dict(value))
    except ValidationError as err:
        field, message = first_error(err)
        raise SpecError(f"{source}.{field}: {message}", field=f"{source}.{field}") from err


def find_randomisation(name_or_file: str) -> RandomisationSpec:
    """Returns a preset by its name, or what a JSON file asks for.

    Raises:
        SpecError: the file cannot be read or has a wrong field.
        UnknownNameError: it is neither a preset nor the path of a file.
    """
    path = Path(name_or_file)
    if name_or_file in RANDOMISATIONS or not (path.suffix or path.exists()):
        return to_randomisation(name_or_file)
    return to_randomisation(read_json_file(path, SpecError), source=str(path))
