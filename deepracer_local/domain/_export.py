"""A trained network in a file of another program: formats, what is asked for, and what the self-test found."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.domain._metadata import ModelMetadata
from deepracer_local.domain._sensors import NOT_FOR_THE_CAR, Sensor

LEAST_AGREEMENT = 0.995
"""A file whose actions agree with the network's on a smaller share of the frames is not handed out."""
LEAST_FRAMES = 200

CAR_SENSORS = frozenset(Sensor) - NOT_FOR_THE_CAR
"""What the car's software knows. Source: its loader's check (reference, section 8.2)."""


class ExportFormat(StrEnum):
    """The files that can be made of a trained network."""

    CAR = "car"
    ONNX = "onnx"
    TFLITE = "tflite"

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return {"car": "model.tar.gz", "onnx": "model.onnx", "tflite": "model.tflite"}[self.value]

    @property
    def media_type(self) -> str:
        """Its type for HTTP."""
        return "application/gzip" if self is ExportFormat.CAR else "application/octet-stream"


class ExportSpec(BaseModel):
    """The wish for files of one checkpoint, as it is written to ``export.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoint: str = Field(default="best", description="best, last or a name")
    formats: tuple[ExportFormat, ...] = Field(default=(ExportFormat.CAR,), min_length=1)


class ExportReport(BaseModel):
    """What was written, and how it compares with the network it was made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    format: ExportFormat
    checkpoint: str
    weights_sha256: str = Field(description="of the checkpoint's weights")
    file: str
    size: int = Field(description="bytes")
    sha256: str
    network: str
    sensors: tuple[str, ...]
    action_space_type: Literal["discrete", "continuous"]
    inputs: tuple[str, ...] = Field(description="names in the file, in the order of the sensors")
    output: str
    frames: int = Field(ge=1, description="of driven laps on which the file, read back, was compared")
    agreement: float = Field(
        ge=0,
        le=1,
        description="share of the frames on which the most probable action is the same; of continuous actions, on "
        "which none differs by more than a hundredth of its range",
    )
    largest_difference: float = Field(ge=0, description="of any probability, or of a continuous action in [-1, 1]")
    seconds: float = Field(ge=0, description="to write the file and to test it")


def why_not_on_the_car(metadata: ModelMetadata, stack_size: int) -> str | None:
    """Returns why the car's software cannot drive with such a model, a sentence; None where it can.

    Args:
        metadata: of the model.
        stack_size: how many pictures its network is shown together.
    """
    unknown = [sensor for sensor in metadata.sensor if sensor not in CAR_SENSORS]
    if unknown:
        return (
            f"Expected sensors that the physical car's software knows ({', '.join(sorted(CAR_SENSORS))}), got "
            f"{', '.join(unknown)}. Train with one of those, or export as onnx."
        )
    if stack_size > 1:
        return (
            f"Expected one picture at a time, which is what the physical car's software gives, got a network that is "
            f"shown {stack_size} (stack_size). Train with stack_size 1, or export as onnx."
        )
    return None
