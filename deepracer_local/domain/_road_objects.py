"""Boxes and other cars on the road, at one instant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from deepracer_local.domain._vehicle import Pose

ObjectKind = Literal["box", "car"]


@dataclass(frozen=True, slots=True)
class BotMotion:
    """How another car drives on.

    Law: with ``changed_m`` equal to the distance of a change, the car is in ``lane``.
    """

    s_m: float
    """Arc length of its middle on the centre line in driving direction."""
    lane: int
    """Where it drives, or is going to."""
    changed_m: float
    """How much of the way to ``lane`` lies behind it."""
    wait_s: float
    """Until it begins to change lanes; 0 where it never does."""


@dataclass(frozen=True, slots=True)
class OpponentMotion:
    """How a car moves at this instant that another network drives."""

    front_x_m: float
    """Its front point."""
    front_y_m: float
    velocity_x_mps: float
    velocity_y_mps: float
    yaw_rate_radps: float


@dataclass(frozen=True, slots=True)
class RoadObject:
    """Something that the car should not touch."""

    kind: ObjectKind
    pose: Pose
    """The middle of its footprint, and where it looks."""
    length_m: float
    width_m: float
    height_m: float
    speed_mps: float = 0.0
    motion: BotMotion | OpponentMotion | None = None
    """None for what stands."""


def objects_json(objects: Sequence[RoadObject]) -> list[dict[str, Any]]:
    """Returns objects as they are written down and served: metres, degrees, metres per second."""
    return [
        {
            "kind": item.kind,
            "x": round(item.pose.x_m, 4),
            "y": round(item.pose.y_m, 4),
            "yaw": round(math.degrees(item.pose.yaw_rad), 3),
            "length": item.length_m,
            "width": item.width_m,
            "height": item.height_m,
            "speed": round(item.speed_mps, 4),
        }
        for item in objects
    ]
