"""What a reward function is tried on before a training starts."""

from __future__ import annotations

from dataclasses import dataclass

from deepracer_local.domain._records import RewardParams


@dataclass(frozen=True, slots=True)
class SampledState:
    """One instant that no simulator had to drive to."""

    place: str
    """What it shows, as a person would say it: ``the start``, ``off the road on the left``."""
    params: RewardParams
    is_certain: bool = True
    """False for what a time trial meets rarely or never: exact zeros, objects, a crash."""


@dataclass(frozen=True, slots=True)
class RewardSamples:
    """A tour of one track, and short drives that answer one question each.

    The three kinds of legs belong together: leg ``i`` of each begins with the same steps in the same part of the lap,
    and they differ only in how the car moves.
    """

    tour: tuple[SampledState, ...]
    """At least 200 states."""
    driving: tuple[tuple[RewardParams, ...], ...]
    """Legs along the centre line, forward."""
    standing: tuple[tuple[RewardParams, ...], ...]
    """Legs in which the car stays where it is."""
    backwards: tuple[tuple[RewardParams, ...], ...]
    """Legs along the centre line, facing and driving against the direction of the road."""
    waiting: tuple[RewardParams, ...]
    """One state again and again; only ``steps`` and ``sim_time`` go on."""
