"""``model_metadata.json``: action space, sensors and network, as the original system wrote it.

Source: the original's parser and samples (simapp v6.0.5, DeepRacer on AWS 1.2.5, deepracer-for-cloud).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from deepracer_local.domain._actions import ActionSpace, ContinuousActionSpace, DiscreteActionSpace
from deepracer_local.domain._sensors import NOT_FOR_THE_CAR, LidarConfig, Sensor, illegal_combination, sensors_named
from deepracer_local.domain._vehicle import Command
from deepracer_local.errors import MetadataError, SpecError, UnknownNameError

MAX_FILE_BYTES = 1_000_000
_UNION_MEMBERS = {"ContinuousActions", "DiscreteAction", "int", "float"}


class Network(StrEnum):
    """The network topologies. The last one is this project's own; the others are the original's."""

    SHALLOW = "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    DEEP = "DEEP_CONVOLUTIONAL_NETWORK"
    DEEPER = "DEEP_CONVOLUTIONAL_NETWORK_DEEP"
    FAST = "FAST_CONVOLUTIONAL_NETWORK"


class DiscreteAction(BaseModel):
    """One row of a discrete action space; the numbers are JSON numbers, as the original never converted text."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    steering_angle: float = Field(strict=True, ge=-90, le=90, description="degrees, positive is left")
    speed: float = Field(strict=True, gt=0, le=20, description="metres per second")


class Interval(BaseModel):
    """The ends of one continuous action."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    high: float = Field(strict=True, ge=-90, le=90)
    low: float = Field(strict=True, ge=-90, le=90)

    @model_validator(mode="after")
    def _ordered(self) -> Interval:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got low {self.low} and high {self.high}")
        return self


class ContinuousActions(BaseModel):
    """A continuous action space."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    steering_angle: Interval
    speed: Interval

    @field_validator("speed")
    @classmethod
    def _speed_is_positive(cls, value: Interval) -> Interval:
        if value.low <= 0 or value.high > 20:
            raise ValueError(f"speed must lie in (0, 20] m/s, got {value.low} to {value.high}")
        return value


class ModelMetadata(BaseModel):
    """The content of ``model_metadata.json``. Unknown keys are ignored, as the original does.

    Law: ``ModelMetadata.model_validate(m.to_file_dict()) == m``.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    action_space: tuple[DiscreteAction, ...] | ContinuousActions
    action_space_type: Literal["discrete", "continuous"] = Field(default="discrete", validate_default=True)
    sensor: tuple[Sensor, ...] = (Sensor.OBSERVATION,)
    neural_network: Network = Network.SHALLOW
    training_algorithm: Literal["clipped_ppo", "sac"] = "clipped_ppo"
    version: str = "5"
    lidar_config: LidarConfig | None = Field(default=None, description="None: the defaults, and none in the file")

    @model_validator(mode="before")
    @classmethod
    def _bare_action_space(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {"action_space": value}
        if isinstance(value, dict) and "action_space_type" not in value and isinstance(value.get("action_space"), dict):
            return value | {"action_space_type": "continuous"}
        return value

    @field_validator("version", mode="before")
    @classmethod
    def _version_is_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @field_validator("action_space_type", mode="before")
    @classmethod
    def _known_misspelling(cls, value: Any) -> Any:
        return "continuous" if value == "continous" else value  # a published API spells it so

    # One check per field, so that the message names it; info.data holds the fields accepted so far.

    @field_validator("action_space")
    @classmethod
    def _has_actions(
        cls, value: tuple[DiscreteAction, ...] | ContinuousActions
    ) -> tuple[DiscreteAction, ...] | ContinuousActions:
        if isinstance(value, tuple) and not 1 <= len(value) <= 1000:
            raise ValueError(f"a discrete action_space has 1 to 1000 actions, got {len(value)}")
        return value

    @field_validator("action_space_type")
    @classmethod
    def _fits_action_space(cls, value: str, info: ValidationInfo) -> str:
        space = info.data.get("action_space")
        if space is not None and isinstance(space, tuple) != (value == "discrete"):
            raise ValueError(
                "the type does not fit action_space: a discrete space is a list of actions, a continuous one an object "
                "with steering_angle and speed"
            )
        return value

    @field_validator("sensor")
    @classmethod
    def _go_together(cls, value: tuple[Sensor, ...]) -> tuple[Sensor, ...]:
        if sentence := illegal_combination(value):
            raise ValueError(sentence)
        return value

    @field_validator("training_algorithm")
    @classmethod
    def _sac_is_continuous(cls, value: str, info: ValidationInfo) -> str:
        if value == "sac" and info.data.get("action_space_type") == "discrete":
            raise ValueError("training_algorithm 'sac' needs a continuous action space")
        return value

    @property
    def is_for_car(self) -> bool:
        """Whether the car has all of these sensors; a model that reads ``STATE`` drives in the simulator only."""
        return not any(sensor in NOT_FOR_THE_CAR for sensor in self.sensor)

    @property
    def lidar(self) -> LidarConfig:
        """``lidar_config``, or its defaults."""
        return self.lidar_config or LidarConfig()

    def with_sensors(self, names: Sequence[str]) -> ModelMetadata:
        """Returns the same with other sensors.

        Raises:
            SpecError: there is no such sensor, or they do not go together.
        """
        try:
            sensors = sensors_named(names)
        except UnknownNameError as err:
            raise SpecError(str(err), field="sensors") from err
        if sentence := illegal_combination(sensors):
            raise SpecError(f"sensors: {sentence}. Choose others.", field="sensors")
        return self.model_copy(update={"sensor": sensors})

    def to_action_space(self) -> ActionSpace:
        """Returns the action space as commands."""
        if isinstance(self.action_space, tuple):
            return DiscreteActionSpace(tuple(Command(a.steering_angle, a.speed) for a in self.action_space))
        space = self.action_space
        return ContinuousActionSpace(
            space.steering_angle.low, space.steering_angle.high, space.speed.low, space.speed.high
        )

    def to_file_dict(self) -> dict[str, Any]:
        """Returns the dictionary to write as ``model_metadata.json``."""
        # Without the object where there was none: the car's software stumbles over the simulator's names in it.
        return self.model_dump(mode="json", exclude=None if self.lidar_config else {"lidar_config"})


def parse_model_metadata(value: Any, *, source: str = "model_metadata.json") -> ModelMetadata:
    """Reads a decoded ``model_metadata.json``, or a bare action space (list or object with intervals).

    Args:
        value: the decoded JSON value.
        source: what to call it in messages.

    Raises:
        MetadataError: names the first field at fault.
    """
    if isinstance(value, dict) and "action_space" not in value and {"steering_angle", "speed"} <= value.keys():
        value = {"action_space": value}
    if not isinstance(value, (dict, list)):
        raise MetadataError(f"Expected {source} to hold an object or a list of actions, got {type(value).__name__}.")
    try:
        return ModelMetadata.model_validate(value)
    except ValidationError as err:
        field, message = first_error(err)
        raise MetadataError(f"{source}: {message}", field=field) from err


def load_model_metadata(path: Path) -> ModelMetadata:
    """Reads the file ``path``.

    Raises:
        MetadataError: the file is missing, too large, not JSON, or not a usable description.
    """
    return parse_model_metadata(read_json_file(path, MetadataError), source=str(path))


def read_json_file(path: Path, error: type[MetadataError] | type[Any]) -> Any:
    """Returns the decoded JSON of a small file; raises ``error`` with a sentence where that cannot be done."""
    try:
        with path.open("rb") as file:  # a device file has no size, so the reading itself is bounded
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise error(f"Expected {path} to hold at most {MAX_FILE_BYTES} bytes of JSON, got more. Give another file.")
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as err:
        raise error(f"Cannot read {path}: {err.strerror or err}. Give the path of a readable JSON file.") from err
    except (UnicodeDecodeError, ValueError, RecursionError) as err:
        raise error(f"Expected {path} to hold JSON, got: {err}. Check the file in an editor.") from err


def first_error(err: ValidationError) -> tuple[str, str]:
    """Returns ``(dotted field, sentence)`` of the first fault that pydantic found."""
    faults = err.errors(include_url=False)
    fault = faults[0]
    # A union reports every member; the longest path is the one the user meant.
    for other in faults[1:]:
        if len(other["loc"]) > len(fault["loc"]):
            fault = other
    field = ".".join(str(part) for part in fault["loc"] if not _is_type_tag(part))
    message = str(fault["msg"]).removeprefix("Value error, ")
    came = "" if isinstance(fault["input"], (dict, list)) else f", got {_short(fault['input'])}"
    return field, f"{field or 'the file'}: {message}{came}. Correct it and try again."


def _is_type_tag(part: Any) -> bool:
    return isinstance(part, str) and (part.startswith("tuple[") or part in _UNION_MEMBERS)


def _short(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
