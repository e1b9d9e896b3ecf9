"""Building the environments of a run from its directory."""

from __future__ import annotations

from typing import Any

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    EvaluationRace,
    RaceObjects,
    RaceSpec,
    RandomisationSpec,
    TrainSpec,
)
from deepracer_local.env import DeepRacerEnv
from deepracer_local.reward import RewardFunction
from deepracer_local.runs import RunDirectory
from deepracer_local.sim import GroundCamera
from deepracer_local.track import Track, load_track

SLOWEST_EVALUATION_MPS = 0.25
"""An evaluation that takes longer than at this mean speed is given up: a policy may circle on the road for ever."""


class EnvironmentFactory:
    """Makes the environments of one run; they share one camera, which holds no state."""

    def __init__(self, run: RunDirectory, spec: TrainSpec, track: Track | None = None) -> None:
        """Reads the run's track, unless another one is given."""
        self._spec = spec
        self._track = track or load_track(run.tracks_path / spec.track)
        self._camera = GroundCamera(self._track, spec.camera)

    @property
    def track(self) -> Track:
        """The track, in the direction of its file."""
        return self._track

    def training(self, rank: int, reward: RewardFunction) -> DeepRacerEnv:
        """Returns the environment of car ``rank``, with its reward function."""
        # A fault ends a training episode.
        race = self._spec.race.model_copy(update={"number_of_resets": 0})
        return self._make(
            race,
            reward_function=reward,
            first_start_ndist=rank / self._spec.n_envs,
            randomisation=self._spec.randomisation,
        )

    def evaluation(
        self,
        *,
        laps: int,
        race: EvaluationRace | None = None,
        reverse: bool | None = None,
        randomisation: RandomisationSpec | None = None,
        render_mode: str | None = None,
    ) -> DeepRacerEnv:
        """Returns an environment for so many laps that starts at the line and runs none of the user's code.

        Args:
            laps: how many.
            race: None for the training's own objects, with the first fault ending an attempt.
            reverse: None for the training's own direction.
            randomisation: of the attempts; None for none, whatever the training's.
            render_mode: as Gymnasium's.
        """
        own = self._spec.race
        seconds_per_lap = self._track.length_m / SLOWEST_EVALUATION_MPS
        chosen = race.model_dump() if race is not None else own.model_dump(include=set(RaceObjects.model_fields))
        if race is None:
            chosen["start_position_offset"] = own.start_position_offset
        rules = RaceSpec(
            **chosen,
            start_position="fixed",
            reverse_dir=own.reverse_dir if reverse is None else reverse,
            max_steps=min(own.max_steps, int(seconds_per_lap * CONTROL_RATE_HZ * laps)),
        )
        return self._make(rules, randomisation=randomisation, render_mode=render_mode)

    def _make(self, race: RaceSpec, **options: Any) -> DeepRacerEnv:
        return DeepRacerEnv(
            self._track,
            action_space=self._spec.model_metadata,
            race=race,
            vehicle=self._spec.vehicle,
            camera=self._camera,
            sensor_settings=self._spec.sensor_settings,
            stack_size=self._spec.hyperparameters.stack_size,
            **options,
        )
