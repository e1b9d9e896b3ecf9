"""The laps of an evaluation as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deepracer_local.domain import Outcome


def lap_rows(laps: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Returns the columns and a row for each lap; faults have columns where there were any.

    Args:
        laps: ``LapRecord`` as JSON values.
    """
    has_resets = any(lap["resets"] for lap in laps)
    faults = ["off", "crashes", "resets"] if has_resets else []
    rows = []
    for lap in laps:
        counts = [lap["off_tracks"], lap["crashes"], lap["resets"]] if has_resets else []
        driven = [lap["trial"], f"{lap['time_s']:.3f}", f"{lap['progress']:.1f}", lap["steps"]]
        rows.append([*driven, *counts, Outcome(lap["outcome"]).label])
    return ["lap", "time s", "progress %", "steps", *faults, "status"], rows
