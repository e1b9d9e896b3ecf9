"""Building the environments of a run from its directory."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    EvaluationRace,
    RaceObjects,
    RaceSpec,
    RandomisationSpec,
    TrackShare,
    TrainSpec,
    VehicleSpec,
    spread_laps,
)
from deepracer_local.env import DeepRacerEnv
from deepracer_local.reward import RewardFunction
from deepracer_local.runs import RunDirectory
from deepracer_local.sim import GroundCamera
from deepracer_local.track import Track, load_track

SLOWEST_EVALUATION_MPS = 0.25
"""An evaluation that takes longer than at this mean speed is given up: a policy may circle on the road for ever."""


class _World(NamedTuple):
    """A track and the camera that looks at its painting."""

    track: Track
    camera: GroundCamera


class EnvironmentFactory:
    """Makes the environments of one run; those on one track share one camera, which holds no state."""

    def __init__(self, run: RunDirectory, spec: TrainSpec, track: Track | None = None) -> None:
        """Reads the run's track, unless another one is given; of a curriculum it is the last stage."""
        self._spec = spec
        self._run = run
        self._worlds: dict[str, _World] = {}
        self._max_speed_mps: float | None = None
        self._main = self._world(spec.track) if track is None else _World(track, GroundCamera(track, spec.camera))

    def in_stage(self, stage: int) -> EnvironmentFactory:
        """Returns the factory of a stage, counted from 0; it shares the worlds of this one."""
        curriculum = self._spec.curriculum
        if curriculum is None:
            return self
        other = copy.copy(self)
        other._spec = self._spec.in_stage(stage)
        other._max_speed_mps = curriculum.stages[stage].max_speed_mps
        other._main = self._world(other._spec.track)
        return other

    @property
    def track(self) -> Track:
        """The track, in the direction of its file."""
        return self._main.track

    @property
    def vehicle(self) -> VehicleSpec:
        """The car."""
        return self._spec.vehicle

    def training(self, rank: int, reward: RewardFunction) -> DeepRacerEnv:
        """Returns the environment of car ``rank``, with its reward function."""
        road, place, n_cars = self._place_of(rank)
        # A fault ends a training episode.
        race = self._spec.race.model_copy(update={"number_of_resets": 0, "reverse_dir": self._is_reversed(road)})
        return self._make(
            self._world(road.track),
            race,
            reward_function=reward,
            first_start_ndist=place / n_cars,
            randomisation=self._spec.randomisation,
        )

    def training_on(self, label: str, reward: RewardFunction) -> DeepRacerEnv:
        """Returns the environment of the first car on the road of this label; an empty one is the main road."""
        rank = 0
        for road, n_cars in zip(self._spec.roads, self._spec.cars_per_road, strict=True):
            if road.label == label:
                return self.training(rank, reward)
            rank += n_cars
        return self.training(0, reward)

    def evaluations(self) -> list[tuple[str, DeepRacerEnv]]:
        """Returns the tracks of the training, the main one first, each with an environment for its evaluation laps."""
        roads = self._spec.roads
        laps = spread_laps(len(roads), self._spec.evaluation_laps)
        return [
            (
                road.label,
                self.evaluation(laps=n_laps, reverse=self._is_reversed(road), world=self._world(road.track)),
            )
            for road, n_laps in zip(roads, laps, strict=True)
        ]

    def evaluation(
        self,
        *,
        laps: int,
        race: EvaluationRace | None = None,
        reverse: bool | None = None,
        randomisation: RandomisationSpec | None = None,
        opponent: VehicleSpec | None = None,
        render_mode: str | None = None,
        world: _World | None = None,
    ) -> DeepRacerEnv:
        """Returns an environment for so many laps that starts at the line and runs none of the user's code.

        Args:
            laps: how many.
            race: None for the training's own objects, with the first fault ending an attempt.
            reverse: None for the training's own direction.
            randomisation: of the attempts; None for none, whatever the training's.
            opponent: the other car of a race of two models.
            render_mode: as Gymnasium's.
            world: another track than the main one.
        """
        own = self._spec.race
        world = world or self._main
        seconds_per_lap = world.track.length_m / SLOWEST_EVALUATION_MPS
        chosen = race.model_dump() if race is not None else own.model_dump(include=set(RaceObjects.model_fields))
        if race is None:
            chosen["start_position_offset"] = own.start_position_offset
        rules = RaceSpec(
            **chosen,
            start_position="fixed",
            reverse_dir=self.is_reversed(world) if reverse is None else reverse,
            max_steps=min(own.max_steps, int(seconds_per_lap * CONTROL_RATE_HZ * laps)),
        )
        return self._make(world, rules, randomisation=randomisation, opponent=opponent, render_mode=render_mode)

    def is_reversed(self, world: _World | None = None) -> bool:
        """Returns whether the training drives against the order of the rows of a track, by default the main one."""
        return self._is_reversed(self._road_on(world or self._main))

    def _make(self, world: _World, race: RaceSpec, **options: Any) -> DeepRacerEnv:
        return DeepRacerEnv(
            world.track,
            action_space=self._spec.model_metadata,
            race=race,
            vehicle=self._spec.vehicle,
            camera=world.camera,
            sensor_settings=self._spec.sensor_settings,
            stack_size=self._spec.hyperparameters.stack_size,
            max_speed_mps=self._max_speed_mps,
            **options,
        )

    def _world(self, track: str) -> _World:
        if track not in self._worlds:
            road = load_track(self._run.tracks_path / track)
            self._worlds[track] = _World(road, GroundCamera(road, self._spec.camera))
        return self._worlds[track]

    def _road_on(self, world: _World) -> TrackShare:
        """Returns the training's road on this track, or how it would have driven on it."""
        name = world.track.name
        return next((road for road in self._spec.roads if road.track == name), TrackShare(track=name))

    def _is_reversed(self, road: TrackShare) -> bool:
        return self._spec.race.reverse_dir if road.reverse is None else road.reverse

    def _place_of(self, rank: int) -> tuple[TrackShare, int, int]:
        """Returns the road of car ``rank``, its place among the cars there, and how many these are."""
        for road, n_cars in zip(self._spec.roads, self._spec.cars_per_road, strict=True):
            if rank < n_cars:
                return road, rank, n_cars
            rank -= n_cars
        raise IndexError(f"expected a car of the training, got one {rank + 1} beyond its last")
