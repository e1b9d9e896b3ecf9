"""The curriculum of a request: its text, its tracks, and the training that goes through it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from deepracer_local.api._fields import track_named
from deepracer_local.api._run_file import from_yaml
from deepracer_local.api._services import Services
from deepracer_local.domain import MAX_TRACKS, RaceSpec, TrainSpec, parse_curriculum, with_curriculum
from deepracer_local.errors import SpecError
from deepracer_local.race import require_room_in_stages
from deepracer_local.track import Track


def decoded(value: Any) -> Any:
    """Returns a curriculum that came as text, JSON or YAML, as values; anything else as it is.

    Raises:
        ValueError: the text is neither.
    """
    if not isinstance(value, str):
        return value
    try:
        return from_yaml(value.encode())
    except (SpecError, UnicodeEncodeError) as err:
        raise ValueError(str(err).removeprefix("body: ")) from err


class FirstStage(NamedTuple):
    """Where a training with a curriculum begins."""

    track: Track
    race: RaceSpec
    is_reversed: bool


def first_stage(value: Any, track: Track, race: RaceSpec, services: Services) -> FirstStage:
    """Returns where a training begins.

    Args:
        value: its curriculum, decoded.
        track: of the training, for what the stage leaves out.
        race: the same.
        services: where further tracks are.

    Raises:
        SpecError: names the field at fault, and the stage.
    """
    spec, tracks = in_stages(TrainSpec(track=track.name, race=race, n_envs=MAX_TRACKS), value, (track,), services)
    first = spec.in_stage(0)
    [road, *_] = first.roads
    is_reversed = first.race.reverse_dir if road.reverse is None else road.reverse
    return FirstStage(next(one for one in tracks if one.name == road.track), first.race, is_reversed)


def in_stages(
    spec: TrainSpec, value: Any, tracks: Sequence[Track], services: Services
) -> tuple[TrainSpec, tuple[Track, ...]]:
    """Returns a training with the stages that are asked for, and every track of every stage once, the main one first.

    Args:
        spec: the training, which stages take what they leave out from.
        value: the curriculum, decoded.
        tracks: those of ``spec``.
        services: where further tracks are.

    Raises:
        SpecError: names the field at fault, and the stage.
    """
    found = {track.name: track for track in tracks}

    def name_of(name: str) -> str:
        track = track_named(name, services)
        return found.setdefault(track.name, track).name

    staged = with_curriculum(spec, parse_curriculum(value).renamed(name_of))
    assert staged.curriculum is not None
    require_room_in_stages(staged.curriculum, found)
    return staged, tuple(found[name] for name in staged.track_names)
