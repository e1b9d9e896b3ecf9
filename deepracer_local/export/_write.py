"""Writing a file of a trained network, and testing that very file against the network."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepracer_local.domain import (
    LEAST_AGREEMENT,
    LEAST_FRAMES,
    ExportFormat,
    ExportReport,
    ModelMetadata,
)
from deepracer_local.domain.layers import Float32Array, LayeredNetwork
from deepracer_local.errors import ExportError
from deepracer_local.export import _onnx
from deepracer_local.export._car import car_metadata, pack_archive, require_fit_for_the_car, unpack_archive
from deepracer_local.export._graph_def import CarNames, car_names, write_graph_def
from deepracer_local.export._graph_def_reader import read_graph_def
from deepracer_local.export._program import Program
from deepracer_local.export._tflite import write_tflite
from deepracer_local.export._tflite_reader import read_tflite
from deepracer_local.runs import write_bytes, write_json

REPORT_SUFFIX = ".export.json"
_SAME_ACTION = 0.02
"""Continuous actions that differ by no more are the same: a hundredth of the way from -1 to 1."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network, taken apart.

    Attributes:
        network: its layers.
        metadata: what it was trained with.
        checkpoint: its name.
        weights_sha256: of the checkpoint's weights.
    """

    network: LayeredNetwork
    metadata: ModelMetadata
    checkpoint: str
    weights_sha256: str


@dataclass(frozen=True, slots=True)
class DrivenFrames:
    """What a network was shown on a drive, and what it made of it.

    Attributes:
        frames: for each sensor (n, ...) numbers as it gave them, n at least ``LEAST_FRAMES``.
        outputs: float32 (n, n_outputs): probabilities of the actions, or the mean of each continuous one.
    """

    frames: Mapping[str, npt.NDArray[Any]]
    outputs: Float32Array


def write_export(trained: Trained, driven: DrivenFrames, form: ExportFormat, target: Path) -> ExportReport:
    """Writes a file of a trained network once it has passed its test, and beside it the report about that.

    The test takes the bytes of the file, reads the network out of them and runs it with NumPy on every frame.

    Args:
        trained: the network.
        driven: what it is tested on.
        form: which file.
        target: where to; the report's name ends with ``.export.json`` instead.

    Raises:
        SpecError: the format's readers cannot drive with such a model.
        ExportError: the file does not agree with the network; nothing is written.
    """
    started_at = time.monotonic()
    assert len(driven.outputs) >= LEAST_FRAMES
    names = _names(trained, form)
    content = _encode(trained, names, form)
    with ThreadPoolExecutor(1) as aside:
        sha256 = aside.submit(lambda: hashlib.sha256(content).hexdigest())
        agreement, difference = _test(content, names, driven, trained, form)
    report = ExportReport(
        format=form,
        checkpoint=trained.checkpoint,
        weights_sha256=trained.weights_sha256,
        file=target.name,
        size=len(content),
        sha256=sha256.result(),
        network=trained.metadata.neural_network,
        sensors=tuple(branch.sensor for branch in trained.network.branches),
        action_space_type=trained.metadata.action_space_type,
        inputs=names.inputs,
        output=names.output,
        frames=len(driven.outputs),
        agreement=agreement,
        largest_difference=difference,
        seconds=round(time.monotonic() - started_at, 3),
    )
    write_bytes(target, content)
    write_json(report_path(target), report.model_dump(mode="json"))
    return report


def report_path(target: Path) -> Path:
    """Returns where the report about a file is."""
    return target.with_name(target.name + REPORT_SUFFIX)


def _names(trained: Trained, form: ExportFormat) -> CarNames:
    if form is ExportFormat.ONNX:
        return CarNames(tuple(branch.sensor for branch in trained.network.branches), _onnx.OUTPUT)
    return car_names(trained.network, trained.metadata.training_algorithm)


def _encode(trained: Trained, names: CarNames, form: ExportFormat) -> bytes:
    match form:
        case ExportFormat.CAR:
            require_fit_for_the_car(trained.network, trained.metadata)
            return pack_archive(write_graph_def(trained.network, names), car_metadata(trained.metadata))
        case ExportFormat.ONNX:
            return _onnx.write_onnx(trained.network)
        case ExportFormat.TFLITE:
            return write_tflite(trained.network, names.inputs, names.output)


def _decode(content: bytes, form: ExportFormat) -> Program:
    match form:
        case ExportFormat.CAR:
            return read_graph_def(unpack_archive(content)[0])
        case ExportFormat.ONNX:
            return _onnx.read_onnx(content)
        case ExportFormat.TFLITE:
            return read_tflite(content)


def _test(
    content: bytes, names: CarNames, driven: DrivenFrames, trained: Trained, form: ExportFormat
) -> tuple[float, float]:
    """Returns the share of the frames on which the action is the same, and the largest difference of an output."""
    try:
        program = _decode(content, form)
        sensors = (branch.sensor for branch in trained.network.branches)
        given = {name: driven.frames[sensor] for name, sensor in zip(names.inputs, sensors, strict=True)}
        found = program.run(given)
        if program.outputs != (names.output,) or found.shape != driven.outputs.shape:
            raise ValueError(f"{found.shape} numbers come out of {', '.join(program.outputs)}")
    except ValueError as err:
        raise ExportError(
            f"Expected to read {form.file_name} back after writing it, but {err}. This is a fault of the program: "
            "please report it."
        ) from err
    same = _is_same_action(found, driven.outputs, is_discrete=trained.metadata.action_space_type == "discrete")
    agreement, difference = float(same.mean()), float(np.abs(found - driven.outputs).max())
    if not agreement >= LEAST_AGREEMENT:  # also where it is no number
        raise ExportError(
            f"Expected {form.file_name} to choose the network's action on {LEAST_AGREEMENT:.1%} of the frames, it does "
            f"on {agreement:.1%} of {len(found)}; the outputs differ by up to {difference:.3g}. Nothing was written. "
            "This is a fault of the program, or of the weights: please report it."
        )
    return agreement, difference


def _is_same_action(found: Float32Array, expected: Float32Array, *, is_discrete: bool) -> npt.NDArray[np.bool_]:
    if is_discrete:
        same: npt.NDArray[np.bool_] = found.argmax(1) == expected.argmax(1)
    else:  # an action beyond -1 or 1 is driven as -1 or 1
        same = np.abs(found.clip(-1, 1) - expected.clip(-1, 1)).max(1) <= _SAME_ACTION
    return same
