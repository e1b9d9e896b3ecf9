"""How the other cars of a race drive: along the centre line at a steady speed, now and then into the other lane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepracer_local.domain import BotMotion, RaceObjects, RoadObject, VehicleSpec
from deepracer_local.race._road_objects import bot_at
from deepracer_local.track import Track

_DEFAULT_CAR = VehicleSpec()


def move_objects(
    objects: Sequence[RoadObject],
    spec: RaceObjects,
    driven: Track,
    rng: np.random.Generator,
    *,
    seconds: float,
    car: VehicleSpec = _DEFAULT_CAR,
) -> tuple[RoadObject, ...]:
    """Returns the objects some time later. What stands, or is driven by another network, is returned as it is.

    The generator is drawn from once for each change of lanes that is over, car by car in their order.

    Args:
        objects: as ``place_objects`` or this function returned them.
        spec: of the race.
        driven: the track in driving direction.
        rng: of the environment.
        seconds: of simulated time.
        car: how large cars are.
    """
    return tuple(
        item
        if not isinstance(item.motion, BotMotion)
        else bot_at(spec, driven, _driven_on(item.motion, spec, driven, rng, seconds), car=car)
        for item in objects
    )


def _driven_on(
    motion: BotMotion, spec: RaceObjects, driven: Track, rng: np.random.Generator, seconds: float
) -> BotMotion:
    """Returns the motion after so many seconds: waits and changes of lanes follow each other."""
    left_s = seconds
    while left_s > 0.0:
        is_changing = motion.changed_m < spec.lane_change_distance
        if is_changing:
            speed_mps = spec.bot_car_speed
            needed_s = (spec.lane_change_distance - motion.changed_m) / speed_mps if speed_mps > 0.0 else math.inf
        else:
            needed_s = motion.wait_s if spec.is_lane_change else math.inf
        passed_s = min(left_s, needed_s)
        left_s -= passed_s
        way_m = passed_s * spec.bot_car_speed
        motion = replace(motion, s_m=_along(driven, motion.s_m + way_m))
        if is_changing:
            is_over = passed_s == needed_s
            changed_m = spec.lane_change_distance if is_over else motion.changed_m + way_m
            wait_s = float(rng.uniform(spec.lower_lane_change_time, spec.upper_lane_change_time)) if is_over else 0.0
            motion = replace(motion, changed_m=changed_m, wait_s=wait_s)
        elif passed_s == needed_s:
            motion = replace(motion, lane=-motion.lane, changed_m=0.0, wait_s=0.0)
        else:
            motion = replace(motion, wait_s=motion.wait_s - passed_s)
    return motion


def _along(driven: Track, s_m: float) -> float:
    return s_m % driven.length_m if driven.is_closed else min(s_m, driven.length_m)
