"""Where an episode begins: all that its instants depend on beside its actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepracer_local.errors import InvalidInputError
from deepracer_local.race import Start


def origin_of(start: Start, n_laps: int, episode: int, random: np.random.Generator) -> dict[str, Any]:
    """Returns the origin as JSON values: the place, the laps, the number, and the dice before any object is placed."""
    return {
        "start_ndist": start.ndist,
        "is_reversed": start.is_reversed,
        "n_laps": n_laps,
        "episode": episode,
        "random": random.bit_generator.state,
    }


def go_back(origin: Mapping[str, Any], random: np.random.Generator) -> tuple[Start, int, int]:
    """Puts ``random`` where it was, and returns start, laps and number of the episode.

    Raises:
        InvalidInputError: it is not what ``origin_of`` returned.
    """
    try:
        random.bit_generator.state = origin["random"]
        start = Start(float(origin["start_ndist"]), is_reversed=bool(origin["is_reversed"]))
        return start, int(origin["n_laps"]), int(origin["episode"])
    except (KeyError, TypeError, ValueError) as err:
        raise InvalidInputError(
            f"Expected the origin of an episode, as reset returns it in its info, got one with a fault at {err}. "
            "Pass it on unchanged."
        ) from err
