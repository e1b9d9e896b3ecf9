"""Which way an environment's car drives, from where and for how long, episode by episode."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepracer_local.domain import RaceSpec
from deepracer_local.env._origin import go_back, origin_of
from deepracer_local.race import Start, TimeTrial, next_start
from deepracer_local.track import Track


class Course:
    """The track in the direction of the episode, its start and its rules.

    Attributes:
        start: of this episode.
        forward: the track in the direction of its file.
    """

    def __init__(self, spec: RaceSpec, track: Track, *, first_start_ndist: float) -> None:
        self._spec = spec
        self._tracks = {False: track}
        self._rules: dict[tuple[bool, int], TimeTrial] = {}
        self._first_start_ndist = first_start_ndist
        self._episode = 0
        self._n_laps = spec.number_of_laps
        self.forward = track
        self.start = Start(0.0, is_reversed=False)

    def begin_anew(self) -> None:
        """Has the sequence of starts begin again."""
        self._episode = 0

    def begin(self, options: dict[str, Any], random: np.random.Generator) -> dict[str, Any]:
        """Goes to the start of the next episode, or to an ``origin``; returns the origin of this one.

        Args:
            options: those of the environment's ``reset``.
            random: the environment's generator; an origin brings its state along.

        Raises:
            InvalidInputError: the origin is none.
        """
        if "origin" in options:
            self.start, self._n_laps, self._episode = go_back(options["origin"], random)
        else:
            self._go_on(options, random)
        origin = origin_of(self.start, self._n_laps, self._episode, random)
        self._episode += 1
        return origin

    @property
    def track(self) -> Track:
        """The track in the direction that is driven."""
        is_reversed = self.start.is_reversed
        if is_reversed and is_reversed not in self._tracks:
            self._tracks[is_reversed] = self.forward.reversed()
        return self._tracks[is_reversed]

    @property
    def rules(self) -> TimeTrial:
        """The rules of this episode."""
        key = (self.start.is_reversed, self._n_laps)
        if key not in self._rules:
            spec = self._spec.model_copy(update={"number_of_laps": self._n_laps})
            self._rules[key] = TimeTrial(spec, self.track)
        return self._rules[key]

    def get_state(self) -> dict[str, Any]:
        """Returns all that this and the next episodes depend on, as JSON values."""
        return {"start": list(self.start), "n_laps": self._n_laps, "episode": self._episode}

    def set_state(self, state: dict[str, Any]) -> None:
        """Takes up what ``get_state`` returned."""
        self.start = Start(*state["start"])
        self._n_laps = state["n_laps"]
        self._episode = state["episode"]

    def _go_on(self, options: dict[str, Any], random: np.random.Generator) -> None:
        is_closed = self.forward.is_closed
        start = next_start(
            self._spec, self._episode, random, initial_ndist=self._first_start_ndist, is_closed=is_closed
        )
        ndist = float(options.get("start_ndist", start.ndist))
        self.start = Start(ndist, bool(options.get("is_reversed", start.is_reversed)))
        self._n_laps = self._spec.number_of_laps
        if "number_of_laps" in options:
            self._n_laps = int(options["number_of_laps"]) if is_closed else 1
