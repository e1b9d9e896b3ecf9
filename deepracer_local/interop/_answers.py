"""What weights answer: run with numpy before they are believed. Loaded in the child.

A picture is (rows, columns, channels); torch, whose order the weights have, flattens channels first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deepracer_local.interop._layers import Form, Row, Tower
from deepracer_local.interop._refusal import RefusedError
from deepracer_local.interop._tensors import Float32Array

N_TRIED = 16
"""Observations that a network must answer with finite numbers."""


def require_finite_answers(tensors: Mapping[str, Float32Array], form: Form, file: str) -> None:
    """Raises RefusedError where a network answers an observation with something else than numbers."""
    random = np.random.default_rng(0)
    for i in range(N_TRIED):
        observations = []
        for sensor in form.sensors:
            is_picture = len(sensor.shape) == 3
            most = 255.0 if is_picture else 12.0
            values = random.uniform(0.0, most, sensor.shape).astype(np.float32)
            observations.append(np.full_like(values, most * i) if i < 2 else values)
        with np.errstate(all="ignore"):
            for tower in form.towers():
                for name, answer in answers(tensors, tower, observations, form.n_outputs).items():
                    if not np.isfinite(answer).all():
                        raise RefusedError(
                            file, f"expected finite answers of {name}, got NaN or infinity: huge weights"
                        )


def answers(
    tensors: Mapping[str, Float32Array], tower: Tower, observations: list[Float32Array], n_outputs: int
) -> dict[str, Float32Array]:
    """Returns what a network answers to one observation: by the names of its heads float32 (n,).

    Args:
        tensors: of a checkpoint.
        tower: what they are.
        observations: of each sensor, pictures from 0 to 255.
        n_outputs: dimensions of the action, of which critics see the middle.
    """
    embedded = observations
    if tower.sensors:
        embedded = [_through(tensors, row, values) for row, values in zip(tower.sensors, observations, strict=True)]
    joined = np.concatenate(embedded)
    for row in tower.joined:
        joined = _through(tensors, row, joined)
    if tower.takes_action:
        joined = np.concatenate([joined, np.zeros(n_outputs, np.float32)])
    found = {}
    for answer in tower.answers:
        values = joined
        for row in answer:
            values = _through(tensors, row, values)
        found[answer[-1].name] = values
    return found


def _through(tensors: Mapping[str, Float32Array], row: Row, values: Float32Array) -> Float32Array:
    """Returns what layers in a row make of one input, flat."""
    layers, parameters = row.layers, row.parameters()
    if values.ndim == 3:
        values = _scaled(values, row)
        for (name, shape), (_, _, stride) in zip(parameters, layers.kernels, strict=False):
            values = _relu(_convolved(values, tensors[f"{name}.weight"], shape, stride) + tensors[f"{name}.bias"])
        values = values.transpose(2, 0, 1).reshape(-1)
        parameters = parameters[len(layers.kernels) :]
    for i, (name, _) in enumerate(parameters):
        values = tensors[f"{name}.weight"] @ values + tensors[f"{name}.bias"]
        if not (row.is_head and i == len(parameters) - 1):
            values = np.tanh(values) if row.has_tanh else _relu(values)
    return values


def _scaled(picture: Float32Array, row: Row) -> Float32Array:
    side = row.layers.pool
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    whole = picture[: rows * side, : columns * side].reshape(rows, side, columns, side, -1)
    scaled: Float32Array = ((whole.mean((1, 3)) - row.layers.black) / row.layers.unit).astype(np.float32)
    return scaled


def _convolved(values: Float32Array, weights: Float32Array, shape: tuple[int, ...], stride: int) -> Float32Array:
    windows = np.lib.stride_tricks.sliding_window_view(values, shape[2:], axis=(0, 1))[::stride, ::stride]
    patches = windows.reshape(windows.shape[0] * windows.shape[1], -1)
    convolved: Float32Array = (patches @ weights.reshape(shape[0], -1).T).reshape(*windows.shape[:2], -1)
    return convolved


def _relu(values: Float32Array) -> Float32Array:
    positive: Float32Array = np.maximum(values, np.float32(0))
    return positive
