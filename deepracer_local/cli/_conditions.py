"""The options about where episodes begin and what differs between them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepracer_local.domain import RANDOMISATIONS, RandomisationSpec, find_randomisation
from deepracer_local.errors import UnknownNameError

START_POSITIONS = ("round_robin", "random", "fixed")

Randomisation = Annotated[
    str | None,
    typer.Option(
        "--randomisation",
        metavar="PRESET|FILE",
        help=f"What differs between episodes: {', '.join(RANDOMISATIONS)}, or a JSON file of ranges.",
    ),
]
StartPosition = Annotated[
    str | None,
    typer.Option(
        "--start-position", help="Where training episodes begin: round_robin (each further on), random or fixed."
    ),
]
AlternateDirection = Annotated[
    bool, typer.Option("--alternate-direction", help="Turn round after every training episode.")
]


def randomisation_field(name_or_file: str | None) -> dict[str, RandomisationSpec]:
    """Returns ``randomisation`` of a specification; empty where the option is not given.

    Raises:
        SpecError: the file cannot be read or has a wrong field.
        UnknownNameError: it is neither a preset nor a file.
    """
    return {} if name_or_file is None else {"randomisation": find_randomisation(name_or_file)}


def randomisation_json(name_or_file: str | None) -> Any:
    """Returns what the API takes as ``randomisation``: a preset's name as it is, the ranges of a file, or None.

    Raises:
        SpecError: the file cannot be read or has a wrong field.
        UnknownNameError: it is neither a preset nor a file.
    """
    if name_or_file is None or name_or_file in RANDOMISATIONS:
        return name_or_file
    return find_randomisation(name_or_file).model_dump(mode="json", exclude_defaults=True)


def start_fields(position: str | None, *, alternate: bool) -> dict[str, Any]:
    """Returns the fields of a race that say where training episodes begin; empty where nothing is given.

    Raises:
        UnknownNameError: there is no such start position.
    """
    fields: dict[str, Any] = {"alternate_driving_direction": True} if alternate else {}
    if position is not None:
        fields["start_position"] = position.lower().replace("-", "_")
        if fields["start_position"] not in START_POSITIONS:
            raise UnknownNameError("start position", position, START_POSITIONS)
    return fields
