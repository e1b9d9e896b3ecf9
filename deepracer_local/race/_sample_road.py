"""What a race puts on the road of the laps and the grid that a reward function is painted on."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    Pose,
    RaceObjects,
    RewardParams,
    RoadObject,
    SampleGrid,
    SampleLap,
    VehicleSpec,
    do_overlap,
)
from deepracer_local.race._bots import move_objects
from deepracer_local.race._lanes import counts_as_crash
from deepracer_local.race._object_params import closest_objects, object_params
from deepracer_local.race._road_objects import ObjectPlace, place_objects, place_of, require_room
from deepracer_local.track import Track

IN_VIEW_M = 2.0
"""An object so far ahead along the line is taken to be in the picture."""


class SampleRoad:
    """The objects of a race as one episode places them, and other cars as they drive on; the same ones every time.

    The sample cars are on rails: they drive through objects. In a step in which one touches an object ``is_crashed``
    is true, where a race would have ended.

    Attributes:
        instants: what is on the road at the start and after each control step; the start alone where nothing moves.
    """

    def __init__(
        self,
        race: RaceObjects,
        track: Track,
        *,
        n_steps: int,
        vehicle_spec: VehicleSpec | None = None,
        is_reversed: bool = False,
    ) -> None:
        """Places the objects, and has them drive on for so many steps.

        Args:
            race: whose objects are on the road; at least one.
            track: in driving direction.
            n_steps: of the longest lap; beyond them other cars stand.
            vehicle_spec: the car; the standard one where it is left out.
            is_reversed: whether the track is driven against the order of its file.

        Raises:
            SpecError: the objects do not fit on the track.
        """
        self._race, self._track, self._is_reversed = race, track, is_reversed
        self._spec = vehicle_spec or VehicleSpec()
        drawn = track.reversed() if is_reversed else track
        require_room(race, drawn)
        rng = np.random.default_rng(0)
        instants = [place_objects(race, drawn, track, rng, car=self._spec)]
        if race.race_type == "HEAD_TO_BOT":
            for _ in range(n_steps):
                later = move_objects(instants[-1], race, track, rng, seconds=1.0 / CONTROL_RATE_HZ, car=self._spec)
                instants.append(later)
        self.instants: tuple[tuple[RoadObject, ...], ...] = tuple(instants)
        self._instants = [self._instant(objects) for objects in instants]

    def lasting(self, n_steps: int) -> SampleRoad:
        """Returns the same road, with other cars that drive on for so many steps at least."""
        if self._race.race_type != "HEAD_TO_BOT" or n_steps < len(self.instants):
            return self
        return SampleRoad(
            self._race, self._track, n_steps=n_steps, vehicle_spec=self._spec, is_reversed=self._is_reversed
        )

    def on_lap(self, lap: SampleLap) -> SampleLap:
        """Returns the lap as it is told with the objects on the road; it begins when they do."""
        return replace(lap, states=tuple(self._told(state, int(state["steps"]) - 1) for state in lap.states))

    def on_grid(self, grid: SampleGrid) -> SampleGrid:
        """Returns the grid as it is told with the objects where they begin."""
        return replace(grid, states=tuple(self._told(state, 0) for state in grid.states))

    def _instant(self, objects: tuple[RoadObject, ...]) -> _Instant:
        places = tuple(place_of(item, self._track) for item in objects)
        told = object_params(objects, places, 0.0, is_in_camera=False)
        reaches_m = (self._spec.front_point_x_m + self._spec.length_m + item.length_m for item in objects)
        near = tuple(
            (item.pose.x_m, item.pose.y_m, reach_m * reach_m) for item, reach_m in zip(objects, reaches_m, strict=True)
        )
        return _Instant(objects, places, told, near)

    def _told(self, state: RewardParams, instant: int) -> RewardParams:
        here = self._instants[min(instant, len(self._instants) - 1)]
        s_m = state["projection_distance"]
        # Every state has lists of its own, as in a training: user code may change them.
        lists = {key: list(value) for key, value in here.told.items() if isinstance(value, list)}
        lists["objects_location"] = [list(place) for place in here.told["objects_location"]]
        lists["closest_objects"] = closest_objects(here.places, s_m)
        is_near = any(0.0 < self._ahead_m(s_m, place) < IN_VIEW_M for place in here.places)
        return {**state, **lists, "object_in_camera": is_near, "is_crashed": self._is_crashed(state, here)}

    def _ahead_m(self, s_m: float, place: ObjectPlace) -> float:
        """Returns how far ahead along the line an object is; on a loop beyond its end, too."""
        ahead_m = place.s_m - s_m
        return ahead_m % self._track.length_m if self._track.is_closed else ahead_m

    def _is_crashed(self, state: RewardParams, here: _Instant) -> bool:
        x_m, y_m = state["x"], state["y"]
        for i, (other_x_m, other_y_m, reach_m2) in enumerate(here.near):
            if (other_x_m - x_m) ** 2 + (other_y_m - y_m) ** 2 < reach_m2 and self._touches(state, here.objects[i]):
                s_m = state["projection_distance"]
                if counts_as_crash(here.objects[i], here.places[i], s_m, self._track, self._spec):
                    return True
        return False

    def _touches(self, state: RewardParams, item: RoadObject) -> bool:
        yaw_rad, reach_m = math.radians(state["heading"]), self._spec.front_point_x_m
        pose = Pose(state["x"] - reach_m * math.cos(yaw_rad), state["y"] - reach_m * math.sin(yaw_rad), yaw_rad)
        own_half_m = (0.5 * self._spec.length_m, 0.5 * self._spec.width_m)
        return do_overlap(pose, own_half_m, item.pose, (0.5 * item.length_m, 0.5 * item.width_m))


class _Instant(NamedTuple):
    """What is on the road at one instant, and what is told of it wherever the car is."""

    objects: tuple[RoadObject, ...]
    places: tuple[ObjectPlace, ...]
    told: RewardParams
    near: tuple[tuple[float, float, float], ...]
    """Of each its middle, and the square of the distance beyond which it touches no car."""
