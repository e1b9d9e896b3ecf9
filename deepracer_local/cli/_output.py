"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console

from deepracer_local.errors import (
    DeepRacerError,
    FieldError,
    InvalidInputError,
    ReplayError,
    RewardError,
    TrackError,
)

EXIT_DONE, EXIT_OUR_FAULT, EXIT_USER_FAULT = 0, 1, 2


def messages() -> Console:
    """Returns a console on standard error, for all that is not a command's result."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: dict[str, Any]) -> None:
    """Prints the one JSON object of a command with ``--json``."""
    typer.echo(json.dumps(value, allow_nan=False))


def exit_code(err: BaseException) -> int:
    """Returns 2 where the user can mend it, else 1."""
    return EXIT_USER_FAULT if isinstance(err, InvalidInputError) else EXIT_OUR_FAULT


def describe(err: DeepRacerError) -> dict[str, Any]:
    """Returns an error as the JSON object that commands with ``--json`` print."""
    description: dict[str, Any] = {"error": type(err).__name__, "message": str(err)}
    if isinstance(err, FieldError):
        description["field"] = err.field
    if isinstance(err, TrackError):
        description["row"] = err.row
    if isinstance(err, RewardError):
        description |= {"line": err.line, "params": err.params}
    if isinstance(err, ReplayError):
        description |= {"episode": err.episode, "steps": err.steps}
    return description
