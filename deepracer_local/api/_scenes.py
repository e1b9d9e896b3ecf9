"""What a reward function is run over on a track, made once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from deepracer_local.domain import RewardSamples, SampleGrid, SampleLap
from deepracer_local.race import sample_grid, sample_laps, sample_reward
from deepracer_local.track import Track


@dataclass(frozen=True, slots=True)
class Scenes:
    """All that a reward function is run over on one track in one direction."""

    track: Track
    samples: RewardSamples
    laps: tuple[SampleLap, ...]
    grid: SampleGrid


class KnownScenes:
    """The scenes of the tracks that were asked for last; making those of one takes a tenth of a second and 8 MB."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[tuple[Track, bool], Scenes] = {}

    def of(self, track: Track, *, is_reversed: bool) -> Scenes:
        """Returns the scenes of ``track``, which is in the order of its rows."""
        key = (track, is_reversed)
        with self._lock:  # two at once would make the same twice
            scenes = self._kept.pop(key, None) or _scenes(track.reversed() if is_reversed else track, is_reversed)
            self._kept[key] = scenes
            for old in list(self._kept)[: -self._most]:
                del self._kept[old]
            return scenes


def _scenes(track: Track, is_reversed: bool) -> Scenes:
    return Scenes(
        track,
        sample_reward(track, is_reversed=is_reversed),
        sample_laps(track, is_reversed=is_reversed),
        sample_grid(track, is_reversed=is_reversed),
    )
