"""What a reward function is run over on a track, made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from deepracer_local.domain import RaceObjects, RewardSamples, SampleGrid, SampleLap
from deepracer_local.race import SampleRoad, sample_grid, sample_laps, sample_reward
from deepracer_local.track import Track


@dataclass(frozen=True, slots=True)
class Scenes:
    """All that a reward function is run over on one track in one direction, with one race's objects on the road."""

    track: Track
    samples: RewardSamples
    laps: tuple[SampleLap, ...]
    grid: SampleGrid
    road: SampleRoad | None
    """None for an empty one."""


_Key = tuple[Track, bool, RaceObjects | None]


class KnownScenes:
    """The scenes of the tracks that were asked for last; making those of one takes a tenth of a second and 8 MB."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[_Key, Scenes] = {}

    def of(self, track: Track, *, is_reversed: bool, race: RaceObjects | None = None) -> Scenes:
        """Returns the scenes of ``track``, which is in the order of its rows.

        Args:
            track: where.
            is_reversed: drive it against that order.
            race: whose objects are on the road; an empty one without any.

        Raises:
            SpecError: the objects do not fit on the track.
        """
        objects = None
        if race is not None and race.n_objects:
            # How cars start plays no part here: races that differ in that alone have one entry.
            objects = RaceObjects.model_validate(race.model_dump(include=set(RaceObjects.model_fields)))
        with self._lock:  # two at once would make the same twice
            plain = self._keep((track, is_reversed, None), lambda: _scenes(track, is_reversed=is_reversed))
            if objects is None:
                return plain
            return self._keep(
                (track, is_reversed, objects), lambda: _with_objects(plain, objects, is_reversed=is_reversed)
            )

    def _keep(self, key: _Key, make: Callable[[], Scenes]) -> Scenes:
        scenes = self._kept.pop(key, None) or make()
        self._kept[key] = scenes
        for old in list(self._kept)[: -self._most]:
            del self._kept[old]
        return scenes


def _scenes(track: Track, *, is_reversed: bool) -> Scenes:
    driven = track.reversed() if is_reversed else track
    return Scenes(
        driven,
        sample_reward(driven, is_reversed=is_reversed),
        sample_laps(driven, is_reversed=is_reversed),
        sample_grid(driven, is_reversed=is_reversed),
        None,
    )


def _with_objects(plain: Scenes, race: RaceObjects, *, is_reversed: bool) -> Scenes:
    n_steps = max(len(lap.states) for lap in plain.laps)
    road = SampleRoad(race, plain.track, n_steps=n_steps, is_reversed=is_reversed)
    return Scenes(
        plain.track,
        sample_reward(plain.track, is_reversed=is_reversed, race=race),
        tuple(road.on_lap(lap) for lap in plain.laps),
        road.on_grid(plain.grid),
        road,
    )
