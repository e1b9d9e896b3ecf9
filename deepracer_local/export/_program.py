"""Running what a file says with NumPy alone, one operation after the other: what every file is tested by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepracer_local.domain.layers import Float32Array

Array = npt.NDArray[Any]
"""Numbers of a file, most of them float32; shapes are whole."""
Compute = Callable[[Sequence[Array]], Array]
AT_ONCE = 4
"""So many inputs go through the layers of pictures together: what those hold stays near the processor."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: the value ``output`` from the values ``inputs``."""

    inputs: tuple[str, ...]
    output: str
    compute: Compute


@dataclass(frozen=True, slots=True)
class Program:
    """What a file says, ready to run.

    Attributes:
        inputs: the name and the shape of each input, without the batch.
        constants: the numbers in the file.
        steps: in an order in which every value is there before it is needed.
    """

    inputs: Mapping[str, tuple[int, ...]]
    constants: Mapping[str, Array]
    steps: tuple[Step, ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The values that no step takes in."""
        taken = {name for step in self.steps for name in step.inputs}
        return tuple(step.output for step in self.steps if step.output not in taken)

    def run(self, given: Mapping[str, Array]) -> Float32Array:
        """Returns what comes out: float32 (n, outputs).

        Args:
            given: for each input (n, ...) numbers.

        Raises:
            ValueError: there is not exactly one output, an input is missing, or numbers do not fit each other.
        """
        if len(self.outputs) != 1:
            raise ValueError(f"one output was expected, there are {len(self.outputs)}: {', '.join(self.outputs)}")
        if given.keys() != self.inputs.keys():
            raise ValueError(f"the inputs {', '.join(self.inputs)} were expected, got {', '.join(given)}")
        pictures, rows = self._parts()
        needed = {name for step in rows for name in step.inputs} | set(self.outputs)
        made = needed & (self.inputs.keys() | {step.output for step in pictures})
        count = len(next(iter(given.values())))
        batches = list[dict[str, Array]]()
        for start in range(0, count, AT_ONCE):
            batch = {name: value[start : start + AT_ONCE].astype(np.float32) for name, value in given.items()}
            values = _run(pictures, {**self.constants, **batch})
            batches.append({name: values[name] for name in made})
        whole = {name: np.concatenate([batch[name] for batch in batches]) for name in made}
        return np.asarray(_run(rows, {**self.constants, **whole})[self.outputs[0]], np.float32)

    def _parts(self) -> tuple[list[Step], list[Step]]:
        """Returns the steps before the first product with a matrix, and the others.

        A matrix is read once for all the rows that it meets: those are as many as there are.
        """
        pictures, rows = list[Step](), list[Step]()
        late = {name for name, value in self.constants.items() if value.ndim == 2}
        for step in self.steps:
            if late.isdisjoint(step.inputs):
                pictures.append(step)
            else:
                rows.append(step)
                late.add(step.output)
        return pictures, rows


def _run(steps: Sequence[Step], values: dict[str, Array]) -> dict[str, Array]:
    for step in steps:
        values[step.output] = result = step.compute([values[name] for name in step.inputs])
        if result.dtype != np.float32:
            raise ValueError(f"{step.output} is {result.dtype}, not float32")
    return values


def convolve(pictures: Array, weights: Array, stride: int) -> Float32Array:
    """Returns a convolution without padding.

    Args:
        pictures: float32 (n, rows, columns, channels in).
        weights: float32 (rows, columns, channels in, channels out).
        stride: in both directions.
    """
    rows, columns, n_in, n_out = weights.shape
    n, high, wide, _ = pictures.shape
    height, width = (high - rows) // stride + 1, (wide - columns) // stride + 1
    # In memory the pixels under one row of a kernel are neighbours: whole runs of them are copied, once for all rows of
    # the kernel. Those that one of them meets, every stride-th line, then lie in a row too.
    lines = pictures.reshape(n, high, wide * n_in)
    runs = np.lib.stride_tricks.sliding_window_view(lines, columns * n_in, axis=2)[:, :, :: stride * n_in][:, :, :width]
    unfolded = [
        np.empty((len(range(first, high, stride)), width, columns * n_in), np.float32) for first in range(stride)
    ]
    kernels = weights.reshape(rows, columns * n_in, n_out)
    product = np.empty((height * width, n_out), np.float32)
    result = np.zeros((n, height * width, n_out), np.float32)
    for i in range(n):  # what is unfolded of one picture stays near the processor
        for first, part in enumerate(unfolded):
            part[:] = runs[i, first::stride]
        for row in range(rows):
            first, start = row % stride, row // stride
            met = unfolded[first][start : start + height].reshape(height * width, -1)
            result[i] += np.matmul(met, kernels[row], out=product)
    return result.reshape(n, height, width, n_out)


def average_pool(pictures: Array, side: int) -> Float32Array:
    """Returns the means of squares: (n, rows, columns, channels) to (n, rows // side, columns // side, channels)."""
    n, rows, columns, channels = pictures.shape
    whole = pictures[:, : rows // side * side, : columns // side * side]
    blocks = whole.reshape(n, rows // side, side, columns // side, side, channels)
    means: Float32Array = blocks.mean((2, 4), dtype=np.float32)
    return means


def softmax(numbers: Array) -> Float32Array:
    """Returns the rows as probabilities."""
    powers: Float32Array = np.exp(numbers - numbers.max(-1, keepdims=True)).astype(np.float32)
    result: Float32Array = powers / powers.sum(-1, keepdims=True)
    return result


def relu(numbers: Array) -> Float32Array:
    """Returns the numbers, 0 for those below."""
    result: Float32Array = np.maximum(numbers, np.float32(0))
    return result
