"""The two kinds of action space and how an action becomes a command."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepracer_local.domain._vehicle import Command
from deepracer_local.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class DiscreteActionSpace:
    """A list of commands; the action is an index into it.

    Law: ``decode(i) == commands[i]`` for every ``0 <= i < len(commands)``.
    """

    commands: tuple[Command, ...]

    def decode(self, action: Any) -> Command:
        """Returns the command of action ``action``.

        Args:
            action: an integer, or a numpy integer array of shape () or (1,), in ``[0, n)``.

        Raises:
            InvalidInputError: not a whole number, or no such index.
        """
        try:
            # Not int(): that would cut 1.7 to 1, and numpy warns about int() of an array of shape (1,).
            index = operator.index(action.item() if isinstance(action, np.ndarray) else action)
        except (TypeError, ValueError):
            raise InvalidInputError(
                f"Expected one whole number from 0 to {len(self.commands) - 1} as action, got {action!r}."
            ) from None
        if not 0 <= index < len(self.commands):
            raise InvalidInputError(f"Expected an action from 0 to {len(self.commands) - 1}, got {action!r}.")
        return self.commands[index]

    @property
    def max_speed_mps(self) -> float:
        """The fastest commanded speed."""
        return max(command.speed_mps for command in self.commands)

    @property
    def max_steering_angle_deg(self) -> float:
        """The largest commanded angle to either side."""
        return max(abs(command.steering_angle_deg) for command in self.commands)


@dataclass(frozen=True, slots=True)
class ContinuousActionSpace:
    """Steering and speed from intervals; the action is ``[steering, speed]``, each in [-1, 1].

    Law: -1 maps to the low end, +1 to the high end, linearly between; beyond is clipped.
    Source: the original's PPO head (reference, section 3.2).
    """

    low_steering_angle_deg: float
    high_steering_angle_deg: float
    low_speed_mps: float
    high_speed_mps: float

    def decode(self, action: Sequence[float] | np.ndarray[Any, np.dtype[Any]]) -> Command:
        """Returns the command of action ``action``: two floats, order steering, speed.

        Raises:
            InvalidInputError: not two finite numbers.
        """
        if len(action) != 2:
            raise InvalidInputError(f"Expected an action [steering, speed] of 2 numbers, got {len(action)}.")
        steering, speed = float(action[0]), float(action[1])
        if not (math.isfinite(steering) and math.isfinite(speed)):
            raise InvalidInputError(f"Expected a finite action [steering, speed], got [{steering}, {speed}].")
        return Command(
            _scale(steering, self.low_steering_angle_deg, self.high_steering_angle_deg),
            _scale(speed, self.low_speed_mps, self.high_speed_mps),
        )

    @property
    def max_speed_mps(self) -> float:
        """The fastest commanded speed."""
        return self.high_speed_mps

    @property
    def max_steering_angle_deg(self) -> float:
        """The largest commanded angle to either side."""
        return max(abs(self.low_steering_angle_deg), abs(self.high_steering_angle_deg))


ActionSpace = DiscreteActionSpace | ContinuousActionSpace


def _scale(value: float, low: float, high: float) -> float:
    share = (min(max(value, -1.0), 1.0) + 1.0) * 0.5
    # This form is exact at both ends; low + share * (high - low) misses high by a last bit, and may lie beyond it.
    return (1.0 - share) * low + share * high
