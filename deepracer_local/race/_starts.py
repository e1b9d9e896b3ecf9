"""Where the next training episode begins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deepracer_local.domain import RaceSpec

_OPEN_TRACK_SHARE = 0.5
"""Starts on an open track lie in its first half: further on, too little road is left to learn from."""


class Start(NamedTuple):
    """A place on the centre line and a direction to drive in."""

    ndist: float
    """Share of the lap in [0, 1), measured in driving direction from the track's first row."""
    is_reversed: bool
    """True for driving against the order of the track's rows."""


def next_start(
    spec: RaceSpec,
    episode: int,
    rng: np.random.Generator,
    *,
    initial_ndist: float = 0.0,
    is_closed: bool = True,
) -> Start:
    """Returns the start of training episode ``episode``, 0-based.

    It depends on nothing but its arguments, so an interrupted run goes on with its episode count and generator.
    The generator is drawn from once for ``random`` and not at all otherwise.

    Args:
        spec: ``start_position`` chooses the rule: ``round_robin`` moves on by ``round_robin_advance_dist`` after
            every episode, ``random`` draws uniformly, ``fixed`` stays at ``start_position_offset``.
        episode: episodes that this car has begun before.
        rng: the environment's generator.
        initial_ndist: extra offset of the round robin in [0, 1), to spread cars that drive side by side.
        is_closed: False keeps the start in the first half of the line.
    """
    share = spec.start_position_offset
    if spec.start_position == "round_robin":
        share += initial_ndist + episode * spec.round_robin_advance_dist
    elif spec.start_position == "random":
        share += rng.random()
    if is_closed:
        share %= 1.0
    elif spec.start_position != "fixed":
        share %= _OPEN_TRACK_SHARE
    turned = spec.alternate_driving_direction and episode % 2 == 1
    return Start(share, spec.reverse_dir is not turned)
