"""What a reward function is tried on before a training starts."""

from __future__ import annotations

from dataclasses import dataclass

from deepracer_local.domain._race import Outcome
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


@dataclass(frozen=True, slots=True)
class SampleLap:
    """The paid steps of one lap, in order."""

    name: str
    """For programs: ``centre``, ``left``, ``right``, ``zigzag``, ``cutting``; ``recorded`` for one that was driven."""
    title: str
    """For people."""
    states: tuple[RewardParams, ...]
    """At least one. Their waypoints may be one list: whoever hands it to code that might change it copies it."""
    outcome: Outcome
    """How it ended."""


@dataclass(frozen=True, slots=True)
class SampleGrid:
    """A car at every place of a grid over the road, once for each heading."""

    n_along: int
    """Places along the lap."""
    lanes: tuple[float, ...]
    """Sideways places in halves of the road's width, positive to the left."""
    headings_deg: tuple[float, ...]
    """Against the direction of the road, positive to the left."""
    states: tuple[RewardParams, ...]
    """Heading by heading; within each place by place along the lap; there lane by lane. Waypoints as in a lap."""
