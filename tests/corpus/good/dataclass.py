# A dataclass with slots and an enumeration
# check: clean
# train: runs

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Band(Enum):
    NEAR = 0.1
    MIDDLE = 0.25


@dataclass(slots=True)
class State:
    seen: list[float] = field(default_factory=list)


state = State()


def reward_function(params: dict) -> float:
    share = params["distance_from_center"] / params["track_width"]
    state.seen = [*state.seen[-3:], share]
    return next((1.0 - band.value for band in Band if share <= band.value), 0.001)
