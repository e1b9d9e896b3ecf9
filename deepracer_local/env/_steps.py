"""A step between its parts: moved, and judged."""

from __future__ import annotations

from typing import NamedTuple

from deepracer_local.domain import Command, RewardParams
from deepracer_local.env._record import ExactAction
from deepracer_local.env._sensors import Observation
from deepracer_local.track import Location


class Move(NamedTuple):
    """A step whose car has moved and has not been judged."""

    command: Command
    action: ExactAction


class HalfStep(NamedTuple):
    """A step that waits for its reward."""

    params: RewardParams
    location: Location
    command: Command
    action: ExactAction
    observation: Observation | None = None
    """Where it was made already."""
