"""What is said about a sandbox: what stands around it, what it printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from deepracer_local.reward.sandbox._process import Frame, ViolationError
from deepracer_local.reward.sandbox._wire import LAYERS, WALL, Report

_LAYERS_OF_THE_WALL = frozenset(LAYERS) - {"landlock"}
"""Landlock is the second ring, which many kernels are built without: what it refuses, seccomp has refused before."""


class Printed(NamedTuple):
    """What a reward function printed in one call, or on import (car and step None)."""

    car: int | None
    episode: int | None
    """Of that car, counted from 1 by ``begin``; 0 before the first."""
    step: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands around a child."""

    layers: tuple[str, ...]
    missing: tuple[str, ...]
    """A sentence for each layer that could not be put up."""

    @property
    def is_up(self) -> bool:
        """True where all layers stand, Landlock aside."""
        return _LAYERS_OF_THE_WALL.issubset(self.layers)


def wall_of(frame: Frame) -> Wall:
    """Returns what a child reported before it ran anything of the user's.

    Raises:
        ViolationError: it reported something else.
    """
    if frame.kind != Report.WALL or len(frame.body) < WALL.size:
        raise ViolationError("it did not report its wall")
    [bits] = WALL.unpack_from(frame.body)
    layers = tuple(name for i, name in enumerate(LAYERS) if bits & 1 << i)
    missing = frame.body[WALL.size :].decode(errors="replace")
    return Wall(layers, tuple(missing.splitlines()))
