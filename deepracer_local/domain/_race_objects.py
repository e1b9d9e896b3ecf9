"""What stands or drives on the road of a race beside the car. Field names are the original's, in lower case."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

RaceType = Literal["TIME_TRIAL", "OBJECT_AVOIDANCE", "HEAD_TO_BOT", "HEAD_TO_MODEL"]
RACE_TYPES: tuple[RaceType, ...] = ("TIME_TRIAL", "OBJECT_AVOIDANCE", "HEAD_TO_BOT", "HEAD_TO_MODEL")
OUTER_LANE, INNER_LANE = -1, 1
_POSITION = re.compile(r"\s*(\d*\.?\d+(?:[eE][-+]?\d+)?)\s*,\s*([-+]?\d{1,6})\s*")


class ObjectPosition(NamedTuple):
    """Where a fixed obstacle stands."""

    ndist: float
    """Share of the lap, in the order of the track file's rows."""
    lane: int
    """-1 for the outer lane, 1 for the inner one."""


class RaceObjects(BaseModel):
    """The kind of a race and what is on its road.

    Distances are metres along the centre line; on a loop they hold across the start line, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    race_type: RaceType = Field(
        default="TIME_TRIAL", description="an empty road, boxes to avoid, other cars that drive, or another model's car"
    )
    number_of_obstacles: int = Field(default=6, ge=1, le=6, description="boxes on the road of OBJECT_AVOIDANCE")
    min_distance_between_obstacles: float = Field(
        default=2.0, ge=0.5, le=50, description="metres along the centre line from box to box"
    )
    randomize_obstacle_locations: bool = Field(
        default=False, description="draw other places and lanes for every episode, from the seed"
    )
    object_positions: tuple[str, ...] = Field(
        default=(),
        max_length=6,
        description='fixed boxes, each "share of the lap,lane" with lane -1 outer and any other integer inner; they '
        "overrule number and randomization",
    )
    is_obstacle_bot_car: bool = Field(default=False, description="standing cars instead of boxes")
    number_of_bot_cars: int = Field(default=3, ge=1, le=4, description="other cars on the road of HEAD_TO_BOT")
    min_distance_between_bot_cars: float = Field(
        default=2.0, ge=0.5, le=50, description="metres along the centre line from car to car at the start"
    )
    randomize_bot_car_locations: bool = Field(
        default=False, description="draw other places and lanes for every episode, from the seed"
    )
    bot_car_speed: float = Field(default=0.2, ge=0, le=4, description="m/s along the centre line")
    is_lane_change: bool = Field(default=False, description="the other cars change lanes now and then, from the seed")
    lower_lane_change_time: float = Field(
        default=3.0, ge=0.1, le=60, description="at least so many seconds in a lane before it is changed"
    )
    upper_lane_change_time: float = Field(default=5.0, ge=0.1, le=60, description="at most so many seconds in a lane")
    lane_change_distance: float = Field(default=1.0, ge=0.2, le=10, description="metres that a change of lanes takes")
    opponent_distance: float = Field(
        default=2.0,
        ge=-50,
        le=50,
        description="metres along the centre line that the other model's car of HEAD_TO_MODEL starts ahead; below 0 "
        "behind",
    )
    opponent_lane: Literal[-1, 1] = Field(
        default=1,
        description="where both start within a metre of each other, the lane of the other model's car: -1 outer, 1 "
        "inner; one's own starts in the other one",
    )

    @field_validator("object_positions", mode="after")
    @classmethod
    def _readable(cls, positions: tuple[str, ...]) -> tuple[str, ...]:
        for text in positions:
            match = _POSITION.fullmatch(text)
            if match is None or not 0.0 <= float(match[1]) < 1.0:
                raise ValueError(
                    f'expected "share,lane" with a share of the lap from 0 to below 1 and a lane of -1 (outer) or 1 '
                    f'(inner), for example "0.25,-1", got {text!r}'
                )
        return positions

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.upper_lane_change_time < self.lower_lane_change_time:
            raise ValueError(
                f"expected upper_lane_change_time of at least lower_lane_change_time "
                f"({self.lower_lane_change_time:g}), got {self.upper_lane_change_time:g}"
            )
        for race_type, names in _BELONGS_TO.items():
            if race_type == self.race_type:
                continue
            default = type(self).model_fields
            changed = [name for name in names if self._value(name) != default[name].default]
            if changed:
                raise ValueError(
                    f"expected {changed[0]} with race_type {race_type} only, got race_type {self.race_type}. Set "
                    f"race_type to {race_type}, or leave {changed[0]} out"
                )
        return self

    @property
    def positions(self) -> tuple[ObjectPosition, ...]:
        """What ``object_positions`` says."""
        found = []
        for text in self.object_positions:
            share, lane = text.split(",")
            found.append(ObjectPosition(float(share), OUTER_LANE if int(lane) == -1 else INNER_LANE))
        return tuple(found)

    @property
    def n_objects(self) -> int:
        """How many objects are on the road."""
        if self.race_type == "OBJECT_AVOIDANCE":
            return len(self.object_positions) or self.number_of_obstacles
        if self.race_type == "HEAD_TO_BOT":
            return self.number_of_bot_cars
        return 1 if self.race_type == "HEAD_TO_MODEL" else 0

    @property
    def draws_places(self) -> bool:
        """Whether every episode has its objects elsewhere."""
        return self.randomize_obstacle_locations or self.randomize_bot_car_locations

    def _value(self, name: str) -> object:
        return dict(self)[name]


_BELONGS_TO: dict[RaceType, tuple[str, ...]] = {
    "OBJECT_AVOIDANCE": (
        "number_of_obstacles",
        "min_distance_between_obstacles",
        "randomize_obstacle_locations",
        "object_positions",
        "is_obstacle_bot_car",
    ),
    "HEAD_TO_BOT": (
        "number_of_bot_cars",
        "min_distance_between_bot_cars",
        "randomize_bot_car_locations",
        "bot_car_speed",
        "is_lane_change",
        "lower_lane_change_time",
        "upper_lane_change_time",
        "lane_change_distance",
    ),
    "HEAD_TO_MODEL": ("opponent_distance", "opponent_lane"),
}
