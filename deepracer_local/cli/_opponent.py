"""The options about the opponent of a race of two models, and how such a race is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deepracer_local.domain import INNER_LANE, OUTER_LANE, with_opponent
from deepracer_local.errors import SpecError, UnknownNameError

_LANES = {"outer": OUTER_LANE, "inner": INNER_LANE}

OpponentCheckpoint = Annotated[str, typer.Option("--opponent-checkpoint", help="best, last, or a name.")]
OpponentDistance = Annotated[
    float | None,
    typer.Option(
        "--opponent-distance", help="Metres that the opponent starts ahead, else 2; below 0 behind; 0 side by side."
    ),
]
OpponentLane = Annotated[
    str | None, typer.Option("--opponent-lane", help="Side by side: the opponent's lane, inner (else) or outer.")
]


def opponent_fields(
    given: Mapping[str, Any], *, has_opponent: bool, distance: float | None, lane: str | None
) -> dict[str, Any]:
    """Returns the fields of an evaluation's race, with those of its opponent.

    Raises:
        SpecError: what is said of the opponent does not fit the race, or there is none.
        UnknownNameError: there is no such lane.
    """
    fields: dict[str, Any] = {}
    if distance is not None:
        fields["opponent_distance"] = distance
    if lane is not None:
        if lane not in _LANES:
            raise UnknownNameError("lane", lane, _LANES)
        fields["opponent_lane"] = _LANES[lane]
    if fields and not has_opponent:
        raise SpecError(
            "--opponent: expected the model to race against beside --opponent-distance and --opponent-lane, got none. "
            "Name one.",
            field="opponent",
        )
    return with_opponent({**given, **fields}, has_opponent=has_opponent)


def describe_verdict(verdict: Mapping[str, Any], *, model: str, opponent: str) -> str:
    """Returns who has won, in a sentence."""
    if verdict["winner"] == "nobody":
        return f"a draw: {verdict['reason']}"
    return f"{model if verdict['winner'] == 'model' else opponent} won: {verdict['reason']}"
