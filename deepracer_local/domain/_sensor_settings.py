"""Sensors that are less than ideal: seldom, late and noisy, as on a real car."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deepracer_local.domain._metadata import first_error, read_json_file
from deepracer_local.domain._sensors import Sensor, sensors_named
from deepracer_local.errors import SpecError, UnknownNameError

MAX_DELAY_STEPS = 15


class SensorSettings(BaseModel):
    """What is less than ideal about a sensor; the defaults are ideal.

    Laws: at the first instant of an episode the sensor measures; between two measurements it shows the last one; what
    the policy gets is what the sensor showed ``delay_steps`` ago, or at the first instant where there was nothing yet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    rate_hz: Literal[1, 3, 5, 15] = Field(default=15, description="measurements per simulated second")
    delay_steps: int = Field(default=0, ge=0, le=MAX_DELAY_STEPS, description="control steps of 1/15 s")
    noise_sigma: float = Field(
        default=0.0,
        ge=0,
        le=128,
        description="standard deviation of Gaussian noise on every pixel, beam or number: grey levels for a camera, "
        "metres for a lidar, before its sectors are made, and the scaled numbers of STATE",
    )


def parse_sensor_settings(
    value: Any, sensors: Sequence[Sensor], *, source: str = "sensor_settings"
) -> dict[Sensor, SensorSettings]:
    """Reads an object of sensors' names, each with its settings: ``{"LIDAR": {"noise_sigma": 0.01}}``.

    Args:
        value: the decoded JSON value.
        sensors: those that the model reads; others are refused, so that a setting never goes unnoticed.
        source: what to call it in messages.

    Raises:
        SpecError: names the first field at fault.
    """
    if not isinstance(value, Mapping):
        raise SpecError(
            f"{source}: expected an object with the sensors' names, got {type(value).__name__}. Write "
            '{"FRONT_FACING_CAMERA": {"noise_sigma": 4}}, for example.',
            field=source,
        )
    found: dict[Sensor, SensorSettings] = {}
    for name, settings in value.items():
        field = f"{source}.{name}"
        try:
            (sensor,) = sensors_named([str(name)])
        except UnknownNameError as err:
            raise SpecError(f"{source}: {err}", field=field) from err
        if sensor not in sensors:
            raise SpecError(
                f"{source}: expected settings of {', '.join(sensors)}, which the model reads, got {name}. Leave it "
                "out, or let the model read it.",
                field=field,
            )
        try:
            found[sensor] = SensorSettings.model_validate(settings)
        except ValidationError as err:
            inner, message = first_error(err)
            raise SpecError(f"{field}: {message}", field=f"{field}.{inner}".rstrip(".")) from err
    return found


def load_sensor_settings(path: Path, sensors: Sequence[Sensor]) -> dict[Sensor, SensorSettings]:
    """Reads the file ``path``.

    Raises:
        SpecError: the file is missing, too large, not JSON, or has a wrong field.
    """
    return parse_sensor_settings(read_json_file(path, SpecError), sensors, source=str(path))
