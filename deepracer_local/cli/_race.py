"""The options about kinds of races that several commands share, and how they become a race."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.domain import RACE_TYPES
from deepracer_local.errors import SpecError, UnknownNameError

RaceFile = Annotated[
    Path | None, typer.Option("--race", help="A JSON file with the race's settings, as POST /models takes them.")
]
RaceTypeName = Annotated[
    str | None,
    typer.Option(
        "--race-type",
        help="TIME_TRIAL, OBJECT_AVOIDANCE, HEAD_TO_BOT; in evaluations HEAD_TO_MODEL. Follows from other options.",
    ),
]
Obstacles = Annotated[int | None, typer.Option("--obstacles", help="So many boxes on the road, 1 to 6.")]
ObstacleAt = Annotated[
    list[str] | None,
    typer.Option(
        "--obstacle", metavar="SHARE,LANE", help="A box at a share of the lap; lane -1 outer, 1 inner. Repeatable."
    ),
]
Bots = Annotated[int | None, typer.Option("--bots", help="So many other cars on the road, 1 to 4.")]
BotSpeed = Annotated[float | None, typer.Option("--bot-speed", help="Of the other cars in m/s.")]
LaneChanges = Annotated[bool, typer.Option("--lane-changes", help="The other cars change lanes.")]
RandomPlaces = Annotated[
    bool, typer.Option("--random-places", help="Draw other places for every episode, from the seed.")
]


def race_fields(  # one for each option
    file: Path | None,
    race_type: str | None,
    *,
    obstacles: int | None = None,
    obstacle: list[str] | None = None,
    bots: int | None = None,
    bot_speed: float | None = None,
    lane_changes: bool = False,
    random_places: bool = False,
) -> dict[str, Any]:
    """Returns the fields of a race that the options name; empty where none is given.

    What is given beside a file overrules it. Without ``--race-type`` the options tell the type.

    Raises:
        SpecError: the file cannot be read, or ``--random-places`` stands alone.
        UnknownNameError: there is no such type.
    """
    fields = _read(file) if file is not None else {}
    named: dict[str, Any] = {}
    if obstacles is not None:
        named["number_of_obstacles"] = obstacles
    if obstacle:
        named["object_positions"] = obstacle
    is_head_to_bot = bots is not None or bot_speed is not None or lane_changes
    if bots is not None:
        named["number_of_bot_cars"] = bots
    if bot_speed is not None:
        named["bot_car_speed"] = bot_speed
    if lane_changes:
        named["is_lane_change"] = True
    if race_type is not None:
        race_type = race_type.upper().replace("-", "_")
        if race_type not in RACE_TYPES:
            raise UnknownNameError("race type", race_type, RACE_TYPES)
        named["race_type"] = race_type
    elif "race_type" not in fields and named:
        named["race_type"] = "HEAD_TO_BOT" if is_head_to_bot else "OBJECT_AVOIDANCE"
    if random_places:
        kind = named.get("race_type") or fields.get("race_type")
        if kind not in {"OBJECT_AVOIDANCE", "HEAD_TO_BOT"}:
            raise SpecError(
                "--random-places: expected objects whose places are drawn, got none. Add --obstacles or --bots.",
                field="random_places",
            )
        name = "randomize_bot_car_locations" if kind == "HEAD_TO_BOT" else "randomize_obstacle_locations"
        named[name] = True
    return fields | named


def _read(file: Path) -> dict[str, Any]:
    try:
        fields = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as err:
        raise SpecError(f"--race: expected a JSON file, got {file}: {err}. Check the file.", field="race") from err
    if not isinstance(fields, dict):
        raise SpecError(
            f'--race: expected an object such as {{"race_type": "OBJECT_AVOIDANCE"}} in {file}, got '
            f"{type(fields).__name__}. Write one.",
            field="race",
        )
    return fields
