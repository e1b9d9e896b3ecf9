"""The option about the tracks of a training: one, or several with weights."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepracer_local.domain import TrackShare
from deepracer_local.errors import SpecError

Tracks = Annotated[
    list[str] | None,
    typer.Option(
        "--track",
        metavar="TRACK[=WEIGHT][,reverse]",
        help="A track's name, or a .npy file or track folder; repeatable: the cars are spread by the weights.",
    ),
]


def read_tracks(texts: list[str] | None) -> list[TrackShare]:
    """Returns what the options name; ``track`` of each is a name or a path. Empty where none is given.

    Raises:
        SpecError: a weight is not a number above 0.
    """
    return [_read(text) for text in texts or ()]


def tracks_json(texts: list[str] | None) -> dict[str, Any]:
    """Returns the fields by which the API takes the options: ``track`` for one without more to say, else ``tracks``.

    Raises:
        SpecError: a weight is not a number above 0.
    """
    roads = read_tracks(texts)
    if len(roads) == 1 and roads[0].reverse is None:
        return {"track": roads[0].track}
    return {"tracks": [road.model_dump() for road in roads]} if roads else {}


def _read(text: str) -> TrackShare:
    name = text
    reverse = None
    for word, direction in ((",reverse", True), (",forward", False)):
        if name.endswith(word):
            name, reverse = name.removesuffix(word), direction
    name, _, weight = name.rpartition("=") if "=" in name else (name, "", "1")
    try:
        number = float(weight)
        if not name or not 0.0 < number <= 1000.0:
            raise ValueError(weight)
    except ValueError as err:
        raise SpecError(
            f"--track: expected a weight above 0 and up to 1000 after the last '=', as in oval=2, got {text!r}. "
            "Correct it, or rename a file with this sign.",
            field="track",
        ) from err
    return TrackShare(track=name, weight=number, reverse=reverse)
