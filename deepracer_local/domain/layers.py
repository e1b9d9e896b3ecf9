"""A trained network as its layers and their numbers, free of any library: what every file format is written from.

A picture is (rows, columns, channels) throughout, row by row, also where it is flattened.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """``x * factor - offset``."""

    factor: float
    offset: float


@dataclass(frozen=True, slots=True, eq=False)
class AveragePool:
    """The means of squares side by side; rows and columns that fill no square are left out."""

    side: int


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A convolution without padding.

    Attributes:
        weights: float32 (rows, columns, channels in, channels out).
        bias: float32 (channels out,).
        stride: in both directions.
    """

    weights: Float32Array
    bias: Float32Array
    stride: int


@dataclass(frozen=True, slots=True, eq=False)
class Flatten:
    """A picture as one row of ``size`` numbers."""

    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """``x @ weights + bias``.

    Attributes:
        weights: float32 (numbers in, numbers out).
        bias: float32 (numbers out,).
    """

    weights: Float32Array
    bias: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Relu:
    """``max(x, 0)``."""


@dataclass(frozen=True, slots=True, eq=False)
class Softmax:
    """Numbers as probabilities."""


@dataclass(frozen=True, slots=True, eq=False)
class Tanh:
    """``tanh(x)``, in (-1, 1)."""


Layer = Scale | AveragePool | Convolution | Flatten | Dense | Relu | Softmax | Tanh


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """What happens to the input of one sensor before all are joined; it ends with a row of numbers.

    Attributes:
        sensor: its name in ``model_metadata.json``.
        shape: of one input, without the batch: (rows, columns, channels) or (numbers,).
        layers: in order.
    """

    sensor: str
    shape: tuple[int, ...]
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LayeredNetwork:
    """A policy network: inputs as the sensors give them, grey levels 0 to 255; one output.

    Attributes:
        branches: one for each sensor, by name; what they end with is joined in this order.
        trunk: from there to the output: probabilities of the actions, or each continuous one as it is driven.
    """

    branches: tuple[Branch, ...]
    trunk: tuple[Layer, ...]

    @property
    def output_size(self) -> int:
        """How many numbers come out."""
        return next(len(layer.bias) for layer in reversed(self.trunk) if isinstance(layer, Dense))
