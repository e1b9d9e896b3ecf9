"""Boxes and other cars on the road: where they are put, and where they are on the way that is driven."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from deepracer_local.domain import (
    INNER_LANE,
    OUTER_LANE,
    BotMotion,
    Curriculum,
    ObjectKind,
    Pose,
    RaceObjects,
    RoadObject,
    VehicleSpec,
)
from deepracer_local.errors import SpecError
from deepracer_local.track import Track

BOX_SIZE_M = (0.4, 0.3, 0.25)
"""Length along the road, width and height. Source: the original's box_obstacle mesh."""
LAST_BEFORE_LINE_M = 1.0
"""Objects that are not drawn stand from the minimum distance on to so far before the lap's end, as the original's."""
_DEFAULT_CAR = VehicleSpec()
NO_WHEELS = (0.0,) * 8
"""For whoever asks where a point is that is no car."""


class ObjectPlace(NamedTuple):
    """Where an object is on the track that is driven."""

    s_m: float
    """Arc length of its projection on the centre line."""
    distance_from_center_m: float
    is_left_of_center: bool
    lane: int
    """Whose middle it is on the side of."""


def require_room(spec: RaceObjects, track: Track) -> None:
    """Checks that the objects of a race fit on a track.

    Raises:
        SpecError: they do not.
    """
    n, length_m = spec.n_objects, track.length_m
    if spec.race_type == "HEAD_TO_MODEL":
        _require_both_on_the_road(spec, track)
        return
    if n == 0 or spec.object_positions:
        return
    field, count, apart_m = _distance(spec)
    if _is_drawn(spec):
        fits = math.floor(length_m / apart_m) if track.is_closed else _fitting(length_m, apart_m)
    else:
        fits = _fitting(length_m, apart_m)
    if n > fits:
        raise SpecError(
            f"{count}: expected at most {fits} on track {track.name!r} of {length_m:.1f} m with {apart_m:g} m between "
            f"them, got {n}. Take fewer, or a smaller {field}.",
            field=count,
        )


def require_room_in_stages(curriculum: Curriculum, tracks: Mapping[str, Track]) -> None:
    """Checks that the objects of each stage fit on its tracks, which are given by their names.

    Raises:
        SpecError: they do not; the message says in which stage.
    """
    for i, (label, stage) in enumerate(zip(curriculum.labels, curriculum.stages, strict=True)):
        for road in stage.tracks:
            try:
                require_room(stage.race, tracks[road.track])
            except SpecError as err:
                raise SpecError(f"{label}: {err}", field=f"curriculum.stages.{i}.race.{err.field}") from err


def place_objects(
    spec: RaceObjects, track: Track, driven: Track, rng: np.random.Generator, *, car: VehicleSpec = _DEFAULT_CAR
) -> tuple[RoadObject, ...]:
    """Returns the objects at the beginning of an episode; the generator is drawn from where places are drawn.

    Standing objects have their places on the map: they do not depend on the direction that is driven. Other cars
    begin by the same rules along the direction that is driven.

    Args:
        spec: what is on the road; ``require_room`` has found it good.
        track: in the order of its file.
        driven: the same in driving direction.
        rng: of the environment.
        car: how large cars are.
    """
    if spec.race_type == "HEAD_TO_BOT":
        waits = (spec.lower_lane_change_time, spec.upper_lane_change_time)
        return tuple(
            bot_at(spec, driven, BotMotion(s_m, lane, spec.lane_change_distance, wait_s), car=car)
            for s_m, lane in _places(spec, driven, rng)
            for wait_s in (float(rng.uniform(*waits)) if spec.is_lane_change else 0.0,)
        )
    if spec.race_type == "OBJECT_AVOIDANCE":
        size_m = (car.length_m, car.width_m, car.height_m) if spec.is_obstacle_bot_car else BOX_SIZE_M
        kind: ObjectKind = "car" if spec.is_obstacle_bot_car else "box"
        return tuple(
            RoadObject(kind, upright(track.lane_pose(s_m, lane)), *size_m) for s_m, lane in _places(spec, track, rng)
        )
    return ()


def bot_at(spec: RaceObjects, driven: Track, motion: BotMotion, *, car: VehicleSpec = _DEFAULT_CAR) -> RoadObject:
    """Returns the other car whose motion has come this far."""
    here = driven.lane_pose(motion.s_m, _lane_share(spec, motion.lane, motion.changed_m))
    if motion.changed_m < spec.lane_change_distance:
        ahead_m = 0.02
        there = driven.lane_pose(motion.s_m + ahead_m, _lane_share(spec, motion.lane, motion.changed_m + ahead_m))
        if there[:2] != here[:2]:
            here = here._replace(yaw_rad=math.atan2(there.y_m - here.y_m, there.x_m - here.x_m))
    is_at_end = not driven.is_closed and motion.s_m >= driven.length_m
    speed_mps = 0.0 if is_at_end else spec.bot_car_speed
    return RoadObject("car", upright(here), car.length_m, car.width_m, car.height_m, speed_mps, motion)


def place_of(item: RoadObject, driven: Track) -> ObjectPlace:
    """Returns where an object is on the track that is driven."""
    where = driven.locate(item.pose.x_m, item.pose.y_m, NO_WHEELS)
    lane = INNER_LANE if where.is_left_of_center == driven.is_ccw else OUTER_LANE
    return ObjectPlace(where.s_m, where.distance_from_center_m, where.is_left_of_center, lane)


def upright(pose: Pose) -> Pose:
    """Returns the pose with its heading in (-pi, pi]."""
    yaw_rad = math.atan2(math.sin(pose.yaw_rad), math.cos(pose.yaw_rad))
    return Pose(pose.x_m, pose.y_m, math.pi if yaw_rad <= -math.pi else yaw_rad)


def _lane_share(spec: RaceObjects, lane: int, changed_m: float) -> float:
    """Returns 1 in the inner lane, -1 in the outer one, and on the way from one to the other something between.

    The way is a cubic that begins and ends along the road.
    """
    share = min(changed_m / spec.lane_change_distance, 1.0)
    return lane * (2.0 * share * share * (3.0 - 2.0 * share) - 1.0)


def _require_both_on_the_road(spec: RaceObjects, track: Track) -> None:
    most_m = 0.5 * track.length_m if track.is_closed else track.length_m
    if abs(spec.opponent_distance) > most_m:
        raise SpecError(
            f"opponent_distance: expected at most {most_m:.1f} m on track {track.name!r} of {track.length_m:.1f} m, "
            f"got {spec.opponent_distance:g}. Choose a smaller distance.",
            field="opponent_distance",
        )


def _is_drawn(spec: RaceObjects) -> bool:
    is_bots = spec.race_type == "HEAD_TO_BOT"
    return spec.randomize_bot_car_locations if is_bots else spec.randomize_obstacle_locations


def _distance(spec: RaceObjects) -> tuple[str, str, float]:
    """Returns the names of the distance and of the count, and the distance in metres."""
    if spec.race_type == "HEAD_TO_BOT":
        return "min_distance_between_bot_cars", "number_of_bot_cars", spec.min_distance_between_bot_cars
    return "min_distance_between_obstacles", "number_of_obstacles", spec.min_distance_between_obstacles


def _fitting(length_m: float, apart_m: float) -> int:
    """Returns how many fit between the minimum distance and the end of the lap."""
    return max(0, math.floor((length_m - LAST_BEFORE_LINE_M - apart_m) / apart_m + 1e-9) + 1)


def _places(spec: RaceObjects, track: Track, rng: np.random.Generator) -> list[tuple[float, int]]:
    """Returns arc length and lane of each object, in the order of the lap or as they are given."""
    if spec.race_type == "OBJECT_AVOIDANCE" and spec.object_positions:
        return [(place.ndist * track.length_m, place.lane) for place in spec.positions]
    n, apart_m, length_m = spec.n_objects, _distance(spec)[2], track.length_m
    if not _is_drawn(spec):
        stations_m = np.linspace(apart_m, length_m - LAST_BEFORE_LINE_M, n) if n > 1 else np.array([apart_m])
        return [(float(s_m), OUTER_LANE if i % 2 else INNER_LANE) for i, s_m in enumerate(stations_m)]
    first_m = 0.0 if track.is_closed else apart_m
    # What is left of the road between the distances is shared out; on a loop the lap's beginning is drawn, too.
    n_gaps = n if track.is_closed else n - 1
    slack_m = length_m - n_gaps * apart_m if track.is_closed else length_m - LAST_BEFORE_LINE_M - apart_m * n
    shares_m = np.sort(rng.uniform(0.0, slack_m, n))
    turned_m = float(rng.uniform(0.0, length_m)) if track.is_closed else 0.0
    lanes = np.where(rng.random(n) < 0.5, OUTER_LANE, INNER_LANE)
    stations_m = (first_m + shares_m + apart_m * np.arange(n) + turned_m) % length_m
    order = np.argsort(stations_m)
    return [(float(stations_m[i]), int(lanes[i])) for i in order]
