"""One instant of a drive, as sensors find it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from deepracer_local.domain import Command, VehicleState
from deepracer_local.sim import SceneObject
from deepracer_local.track import Location, Track


class Instant(NamedTuple):
    """What there is to be measured."""

    track: Track
    """In the driving direction."""
    vehicle: VehicleState
    location: Location
    command: Command
    """The last one; at a start, none: both numbers are 0."""
    objects: Sequence[SceneObject] = ()
    """On the road, the own car not among them."""
