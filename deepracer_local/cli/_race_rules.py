"""The options about what a fault costs in an evaluation."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepracer_local.errors import UnknownNameError

UNLIMITED_RESETS = 10_000
_RULES = ("end", "continue")

OffTrack = Annotated[
    str | None,
    typer.Option("--off-track", help="After a fault: end the attempt, or continue with a penalty. end by default."),
]
OffTrackPenalty = Annotated[
    float | None, typer.Option("--off-track-penalty", help="Seconds for leaving the track, 0 to 60; 2 by default.")
]
CollisionPenalty = Annotated[
    float | None, typer.Option("--collision-penalty", help="Seconds for a crash, 0 to 60; 5 by default.")
]
Resets = Annotated[
    int | None, typer.Option("--resets", help="Continue after so many faults of an attempt, then end it.")
]
StopBetweenLaps = Annotated[
    bool, typer.Option("--stop-between-laps", help="Begin every lap at rest at the start, not in full drive.")
]
StartOffset = Annotated[
    float | None, typer.Option("--start-offset", help="Start at this share of the lap, 0 to below 1.")
]
Reverse = Annotated[
    bool | None,
    typer.Option("--reverse/--forward", help="Against the direction of the track's file, or along; else as trained."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of places and lane changes that are drawn.")]


def rule_fields(
    off_track: str | None,
    *,
    off_track_penalty: float | None,
    collision_penalty: float | None,
    resets: int | None,
    stop_between_laps: bool,
    start_offset: float | None,
) -> dict[str, Any]:
    """Returns the fields of a race that the options name; empty where none is given.

    Naming a penalty without saying otherwise means to continue.

    Raises:
        UnknownNameError: there is no such rule.
    """
    if off_track is not None and off_track not in _RULES:
        raise UnknownNameError("off-track rule", off_track, _RULES)
    given = {
        "off_track_penalty": off_track_penalty,
        "collision_penalty": collision_penalty,
        "number_of_resets": resets,
        "start_position_offset": start_offset,
        "is_continuous": False if stop_between_laps else None,
    }
    fields = {name: value for name, value in given.items() if value is not None}
    continues = off_track == "continue" or off_track_penalty is not None or collision_penalty is not None
    if off_track == "end":
        fields["number_of_resets"] = 0
    elif continues:
        fields.setdefault("number_of_resets", UNLIMITED_RESETS)
    return fields
