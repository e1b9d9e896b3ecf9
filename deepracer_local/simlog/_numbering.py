"""How the episodes of a training are numbered in logs, so that readers find the iterations again.

Readers divide: the iteration of an episode is its number over the number of episodes per iteration, which they take
from the first iteration's file, or from the largest trial of the metrics. Our iterations have as many episodes as
happen to end in them. So each iteration gets room for the same number, most leave some of it empty, and the last
episode of the first iteration has the last number of its room, which tells readers how large it is.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from deepracer_local.errors import RunNotFoundError
from deepracer_local.simlog._records import TrainingRecord


class EpisodeNumber(NamedTuple):
    """What an episode is called in logs."""

    iteration: int
    episode: int
    """0-based, as traces have it; metrics count from 1."""

    def trial(self, per_iteration: int) -> int:
        """Returns the 1-based place in its iteration."""
        return self.episode - self.iteration * per_iteration + 1


class Numbering:
    """Law: numbers grow in the order in which episodes ended, and ``episode // per_iteration == iteration``.

    Iterations are those of the training. Where nothing ended in the first ones, the first in which something did is
    called 0, because readers need a file of that number.
    """

    def __init__(self, counts: Counter[int], at_least: int) -> None:
        """Takes how many episodes ended in each iteration.

        Raises:
            RunNotFoundError: none has ended.
        """
        if not counts:
            raise RunNotFoundError(
                "Expected a training in which an episode has ended, but none has yet. Ask again when one has."
            )
        self.counts = counts
        self.per_iteration = max(at_least, *counts.values())
        self._first = min(counts)

    @classmethod
    def of(cls, record: TrainingRecord) -> Numbering:
        """Returns the numbering of a training."""
        counts = Counter(e.iteration for e in record.episodes() if e.iteration < record.iterations)
        return cls(counts, record.spec.hyperparameters.num_episodes_between_training)

    def number(self, iteration: int, place: int) -> EpisodeNumber:
        """Returns what an episode is called; ``place`` counts those of its iteration from 0."""
        named = 0 if iteration == self._first else iteration
        is_last_of_first = named == 0 and place == self.counts[iteration] - 1
        return EpisodeNumber(
            named, named * self.per_iteration + (self.per_iteration - 1 if is_last_of_first else place)
        )

    def last(self, iteration: int) -> EpisodeNumber:
        """Returns what the last episode of an iteration is called, which evaluations after it refer to."""
        if iteration in self.counts:
            return self.number(iteration, self.counts[iteration] - 1)
        return EpisodeNumber(iteration, iteration * self.per_iteration)
