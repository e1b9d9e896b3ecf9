"""All that a reward function is tried on: the tour of ``sample_states``, rare states, and short drives."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    Command,
    Outcome,
    Pose,
    RaceObjects,
    RewardParams,
    RewardSamples,
    SampledState,
    VehicleSpec,
)
from deepracer_local.race._object_params import object_params
from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._road_objects import place_objects, place_of, require_room
from deepracer_local.race._sample_road import IN_VIEW_M
from deepracer_local.race._samples import race_state, sample_states, sampled_places, standing_at
from deepracer_local.track import Track

N_LEGS = 4
N_LEG_STEPS = 40
N_WAITING_STEPS = 60
_LEG_SPEED_MPS = 1.5
_LEG_SHARE = 0.2
"""No leg is longer than this share of the lap."""
_N_OBJECTS = 4
_OBJECT_EVERY = 10
"""Every tenth state of the tour is visited again with objects on the road."""


def sample_reward(
    track: Track,
    *,
    vehicle_spec: VehicleSpec | None = None,
    is_reversed: bool = False,
    race: RaceObjects | None = None,
) -> RewardSamples:
    """Returns what a reward function is tried on, the same every time.

    The tour is ``sample_states`` and, as states that are not certain, some of these again with boxes and with other
    cars on the road, after a crash, and with values that are exactly zero or at the end of their range.

    Args:
        track: in driving direction.
        vehicle_spec: the car; the standard one where it is left out.
        is_reversed: what the states say about the direction.
        race: whose objects are on the road; then it is certain that a training meets them. Without any: made-up ones.

    Raises:
        SpecError: the objects do not fit on the track.
    """
    spec = vehicle_spec or VehicleSpec()
    states = sample_states(track, vehicle_spec=spec, is_reversed=is_reversed)
    tour = [SampledState(place, params) for place, params in zip(sampled_places(), states, strict=True)]
    objects_of = _made_up(track)
    if race is not None and race.n_objects:
        objects_of = _placed(race, track.reversed() if is_reversed else track, track, spec)
    rare = [*_with_objects(states, *objects_of), *_exact_values(states)]
    steps = len(states) + 2.0
    tour += [
        SampledState(state.place, _later(state.params, steps + index), is_certain=state.is_certain)
        for index, state in enumerate(rare)
    ]
    drives = _Drives(track, spec, is_reversed=is_reversed)
    waiting = drives.at(0.5 * track.length_m, steps=200, speed_mps=1.0)
    return RewardSamples(
        tour=tuple(tour),
        driving=tuple(drives.leg(index, direction=1) for index in range(N_LEGS)),
        standing=tuple(drives.leg(index, direction=0) for index in range(N_LEGS)),
        backwards=tuple(drives.leg(index, direction=-1) for index in range(N_LEGS)),
        waiting=tuple(_later(waiting, 200.0 + i) for i in range(N_WAITING_STEPS)),
    )


class _Drives:
    """Puts a car on the centre line of one track."""

    def __init__(self, track: Track, spec: VehicleSpec, *, is_reversed: bool) -> None:
        self._track = track
        self._spec = spec
        self._is_reversed = is_reversed
        longest_m = _LEG_SPEED_MPS * N_LEG_STEPS / CONTROL_RATE_HZ
        self._leg_m = min(longest_m, _LEG_SHARE * track.length_m)

    def leg(self, index: int, *, direction: int) -> tuple[RewardParams, ...]:
        """Returns the states of one leg: forward for 1, backwards for -1, on one spot for 0."""
        first_m = self._track.length_m * (index + 0.02) / N_LEGS
        step_m = self._leg_m / N_LEG_STEPS
        first_step = 2 + round(first_m / step_m)
        middle_m = first_m + 0.5 * self._leg_m
        return tuple(
            self.at(
                middle_m + direction * (i - 0.5 * (N_LEG_STEPS - 1)) * step_m,
                steps=first_step + i,
                speed_mps=step_m * CONTROL_RATE_HZ if direction else 0.0,
                is_backwards=direction < 0,
            )
            for i in range(N_LEG_STEPS)
        )

    def at(self, s_m: float, *, steps: int, speed_mps: float, is_backwards: bool = False) -> RewardParams:
        """Returns the parameters of a car whose front point is at ``s_m`` of the centre line."""
        x_m, y_m, yaw_rad = self._track.point_at(s_m)
        yaw_rad += math.pi if is_backwards else 0.0
        reach_m = self._spec.front_point_x_m
        pose = Pose(x_m - reach_m * math.cos(yaw_rad), y_m - reach_m * math.sin(yaw_rad), yaw_rad)
        vehicle = standing_at(self._spec, pose, speed_mps)
        location = self._track.locate(vehicle.front_x_m, vehicle.front_y_m, vehicle.wheels_xy_m)
        race = race_state(
            vehicle, steps=steps, progress=100.0 * s_m / self._track.length_m, outcome=Outcome.IN_PROGRESS
        )
        command = Command(0.0, speed_mps)
        return reward_params(self._track, vehicle, location, race, command, is_reversed=self._is_reversed)


def _later(params: RewardParams, steps: float) -> RewardParams:
    return {**params, "steps": steps, "sim_time": (steps - 1.0) / CONTROL_RATE_HZ}


class _Scene(NamedTuple):
    """A way to put objects on the road."""

    place: str
    """For a person who reads where a function failed."""
    objects: Callable[[RewardParams], RewardParams]
    """Returns the eight keys about objects for a state."""
    is_certain: bool


def _made_up(track: Track) -> tuple[_Scene, _Scene]:
    """Returns boxes and other cars, in turn."""
    return (
        _Scene("with boxes on the road", partial(_objects, track, speed_mps=0.0), is_certain=False),
        _Scene("with other cars on the road", partial(_objects, track, speed_mps=1.0), is_certain=False),
    )


def _placed(race: RaceObjects, track: Track, driven: Track, spec: VehicleSpec) -> tuple[_Scene, _Scene]:
    """Returns the objects of a race as two episodes place them."""
    require_room(race, track)
    rng = np.random.default_rng(0)
    place = "with boxes on the road" if race.race_type == "OBJECT_AVOIDANCE" else "with other cars on the road"

    def scene() -> _Scene:
        objects = place_objects(race, track, driven, rng, car=spec)
        places = [place_of(item, driven) for item in objects]

        def keys(params: RewardParams) -> RewardParams:
            s_m = params["projection_distance"]
            is_near = any(0.0 < place.s_m - s_m < IN_VIEW_M for place in places)
            return object_params(objects, places, s_m, is_in_camera=is_near)

        return _Scene(place, keys, is_certain=True)

    return scene(), scene()


def _with_objects(states: list[RewardParams], first: _Scene, second: _Scene) -> list[SampledState]:
    """Returns states of the tour with one scene and the other on the road, and after a crash into an object."""
    lap = states[1:-1]
    found = []
    for index, params in enumerate(lap[::_OBJECT_EVERY] + lap[1::_OBJECT_EVERY]):
        scene = second if index % 2 else first
        objects = scene.objects(params)
        found.append(SampledState(scene.place, params | objects, is_certain=scene.is_certain))
        if index % 4 == 0:
            ahead = objects["objects_location"][objects["closest_objects"][1]]
            crash = {"x": ahead[0], "y": ahead[1], "is_crashed": True, "object_in_camera": True}
            found.append(SampledState("after a crash", params | objects | crash, is_certain=False))
    return found


def _objects(track: Track, params: RewardParams, *, speed_mps: float) -> dict[str, Any]:
    """Returns the eight keys about objects, for one in each quarter of the lap, left and right in turn."""
    places_m = [track.length_m * (i + 0.6) / _N_OBJECTS for i in range(_N_OBJECTS)]
    offset_m = 0.25 * track.mean_width_m
    is_left = [i % 2 == 0 for i in range(_N_OBJECTS)]
    location, heading = [], []
    for s_m, left in zip(places_m, is_left, strict=True):
        x_m, y_m, yaw_rad = track.point_at(s_m)
        aside_m = offset_m if left else -offset_m
        location.append([x_m - aside_m * math.sin(yaw_rad), y_m + aside_m * math.cos(yaw_rad)])
        heading.append(math.atan2(math.sin(yaw_rad), math.cos(yaw_rad)) if speed_mps else 0.0)
    following = sum(s_m <= params["projection_distance"] for s_m in places_m) % _N_OBJECTS
    return {
        "closest_objects": [(following - 1) % _N_OBJECTS, following],
        "objects_location": location,
        "objects_left_of_center": is_left,
        "objects_distance": places_m,
        "objects_distance_from_center": [offset_m] * _N_OBJECTS,
        "objects_heading": heading,
        "objects_speed": [speed_mps] * _N_OBJECTS,
        "object_in_camera": 0.0 < places_m[following] - params["projection_distance"] < IN_VIEW_M,
    }


def _exact_values(states: list[RewardParams]) -> list[SampledState]:
    """Returns a car on the road with one value at a time exactly zero or at the end of its range."""
    driving = states[1 + 10 * 6]
    changes: list[tuple[str, dict[str, Any]]] = [
        ("exactly on the centre line", {"distance_from_center": 0.0}),
        ("with the steering straight", {"steering_angle": 0.0}),
        ("with a heading of 0", {"heading": 0.0}),
        ("with a heading of 180 degrees", {"heading": 180.0}),
        ("with a heading of -179.9 degrees", {"heading": -179.9}),
        ("with progress 0", {"progress": 0.0, "projection_distance": 0.0}),
        ("a little behind the start", {"progress": -0.2}),
        ("at the lowest speed", {"speed": 0.1}),
        ("at the highest speed", {"speed": 4.0}),
        ("at the origin of the map", {"x": 0.0, "y": 0.0}),
    ]
    return [SampledState(place, driving | change, is_certain=False) for place, change in changes]
