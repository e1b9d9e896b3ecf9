"""The curriculum of a request: its text, its tracks, and the training that goes through it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deepracer_local.api._fields import track_named
from deepracer_local.api._run_file import from_yaml
from deepracer_local.api._services import Services
from deepracer_local.domain import TrainSpec, parse_curriculum, with_curriculum
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
