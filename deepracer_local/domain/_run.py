"""The wish for one training, as it is written to ``spec.json``, and its result."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from deepracer_local.domain._camera import CameraSpec
from deepracer_local.domain._curriculum import Curriculum
from deepracer_local.domain._export import ExportSpec
from deepracer_local.domain._hyperparameters import FAST_HYPERPARAMETERS, Hyperparameters
from deepracer_local.domain._metadata import DiscreteAction, ModelMetadata, Network
from deepracer_local.domain._race import EvaluationRace, RaceSpec, trainable
from deepracer_local.domain._randomisation import RandomisationSpec
from deepracer_local.domain._records import RewardParams
from deepracer_local.domain._sensor_settings import SensorSettings
from deepracer_local.domain._sensors import Sensor
from deepracer_local.domain._track_shares import MAX_TRACKS, TrackShare, spread_cars
from deepracer_local.domain._vehicle import VehicleSpec

DEFAULT_METADATA = ModelMetadata(
    action_space=tuple(DiscreteAction(steering_angle=angle, speed=1.0) for angle in (-30.0, -15.0, 0.0, 15.0, 30.0)),
    sensor=(Sensor.FRONT_FACING_CAMERA,),
    neural_network=Network.FAST,
)
"""Five steering angles at 1 m/s, front camera."""


class StopRules(BaseModel):
    """When a training ends; the first rule that is met ends it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    max_minutes: float | None = Field(
        default=None, gt=0, le=14_400, description="of training, on the clock of the wall"
    )
    max_steps: int | None = Field(default=None, ge=1, description="environment steps")
    max_episodes: int | None = Field(default=None, ge=1, description="finished training episodes")
    clean_laps: int | None = Field(
        default=None, ge=1, le=100, description="clean deterministic evaluation laps, driven in a row"
    )


class TrainSpec(BaseModel):
    """Everything that determines a training. Law: written to disk it reads back equal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    track: str = Field(description="the track's name; the run directory holds a copy of its geometry")
    tracks: tuple[TrackShare, ...] = Field(
        default=(), max_length=MAX_TRACKS, description="several tracks, the first of them track; none: track alone"
    )
    seed: int = Field(default=0, ge=0, lt=2**31)
    n_envs: int = Field(default=16, ge=1, le=256, description="cars that collect steps side by side")
    n_threads: int = Field(default=1, ge=1, le=256, description="threads of the learner")
    vehicle: VehicleSpec = VehicleSpec()
    camera: CameraSpec = CameraSpec()
    race: RaceSpec = RaceSpec()
    model_metadata: ModelMetadata = DEFAULT_METADATA
    sensor_settings: dict[Sensor, SensorSettings] = Field(
        default={}, description="of the sensors of the model that are not ideal"
    )
    randomisation: RandomisationSpec = Field(
        default=RandomisationSpec(), description="what differs from training episode to training episode"
    )
    hyperparameters: Hyperparameters = FAST_HYPERPARAMETERS
    stop: StopRules = StopRules()
    evaluate_every: int = Field(default=1, ge=1, description="policy updates between two evaluations")
    evaluation_laps: int = Field(default=3, ge=1, le=100)
    checkpoint_every: int = Field(default=10, ge=1, description="policy updates between two kept checkpoints")
    reward_error_floor: float | None = Field(
        default=None,
        ge=-1e5,
        le=1e5,
        description="the reward of a step at which the function fails; none: the first failure ends the training",
    )
    max_reward_errors: int = Field(
        default=100, ge=1, le=1_000_000, description="with a floor: so many failures end the training all the same"
    )
    curriculum: Curriculum | None = Field(
        default=None,
        description="stages before the training itself, which is the last of them: it has the tracks, race and "
        "randomisation of this specification",
    )

    @field_validator("race")
    @classmethod
    def _one_that_can_be_trained_for(cls, value: RaceSpec) -> RaceSpec:
        trainable(value.race_type)
        return value

    @field_validator("sensor_settings")
    @classmethod
    def _only_of_sensors_that_are_read(
        cls, value: dict[Sensor, SensorSettings], info: ValidationInfo
    ) -> dict[Sensor, SensorSettings]:
        metadata = info.data.get("model_metadata")
        read = metadata.sensor if metadata is not None else tuple(value)
        unread = [sensor for sensor in value if sensor not in read]
        if unread:
            raise ValueError(f"expected settings of {', '.join(read)} only, got {unread[0]}")
        return value

    @field_validator("tracks")
    @classmethod
    def _main_one_first_and_each_once(
        cls, value: tuple[TrackShare, ...], info: ValidationInfo
    ) -> tuple[TrackShare, ...]:
        labels = [road.label for road in value]
        if len(set(labels)) < len(labels):
            raise ValueError(f"expected each track once in each direction, got {', '.join(labels)}")
        if value and value[0].track != info.data.get("track"):
            raise ValueError(f"expected tracks to begin with track ({info.data.get('track')}), got {value[0].track}")
        return value

    @field_validator("n_envs")
    @classmethod
    def _a_car_for_each_track(cls, value: int, info: ValidationInfo) -> int:
        tracks = info.data.get("tracks", ())
        if len(tracks) > value:
            raise ValueError(f"expected at least a car for each of {len(tracks)} tracks, got {value}")
        return value

    @model_validator(mode="after")
    def _the_last_stage_is_the_training(self) -> Self:
        if self.curriculum is None:
            return self
        for label, stage in zip(self.curriculum.labels, self.curriculum.stages, strict=True):
            if len(stage.tracks) > self.n_envs:
                raise ValueError(
                    f"{label}: expected at least a car for each of {len(stage.tracks)} tracks, got {self.n_envs}"
                )
        last = self.curriculum.stages[-1]
        if (last.tracks, last.race, last.randomisation) != (self.roads, self.race, self.randomisation):
            raise ValueError("expected tracks, race and randomisation of the training to be those of its last stage")
        return self

    @property
    def roads(self) -> tuple[TrackShare, ...]:
        """All tracks that are driven on, the main one first."""
        return self.tracks or (TrackShare(track=self.track),)

    @property
    def cars_per_road(self) -> tuple[int, ...]:
        """How many cars drive on each of ``roads``; they are numbered in this order."""
        return spread_cars(self.roads, self.n_envs)

    @property
    def n_stages(self) -> int:
        """How many stages the training has; 1 without a curriculum."""
        return 1 if self.curriculum is None else len(self.curriculum.stages)

    @property
    def track_names(self) -> tuple[str, ...]:
        """Every track of every stage once, the main one first."""
        stages = () if self.curriculum is None else self.curriculum.stages
        roads = (*self.roads, *(road for stage in stages for road in stage.tracks))
        return tuple(dict.fromkeys(road.track for road in roads))

    def in_stage(self, stage: int) -> TrainSpec:
        """Returns the training as it is in a stage, without a curriculum; ``stage`` is 0-based."""
        if self.curriculum is None:
            return self
        own = self.curriculum.stages[stage]
        clean_laps = own.advance.clean_laps if own.advance is not None else None
        return self.model_copy(
            update={
                "track": own.tracks[0].track,
                "tracks": own.tracks,
                "race": own.race,
                "randomisation": own.randomisation,
                # As many laps as have to be clean, as with the stop rule of this name.
                "evaluation_laps": clean_laps or self.evaluation_laps,
                "curriculum": None,
            }
        )


class OpponentSpec(BaseModel):
    """Whom an evaluation races against; its files are in the folder ``opponent`` of the run directory."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str
    """What people call it."""
    checkpoint: str
    """Its name."""
    model_id: str | None = None
    """In the service; None on the command line."""


class EvaluateSpec(BaseModel):
    """The wish for one evaluation, as it is written to ``evaluation.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trials: int = Field(default=3, ge=1, le=100, description="laps, or attempts")
    checkpoint: str = Field(default="best", description="best, last or a name")
    track: str = Field(description="the track's name; the run directory holds a copy of its geometry")
    video: bool = Field(default=True, description="whether to film the best lap")
    insight: bool = Field(default=False, description="whether to write down what the network made of each picture")
    race: EvaluationRace | None = Field(
        default=None, description="other objects and rules; null: the training's objects, and a fault ends an attempt"
    )
    reverse: bool | None = Field(
        default=None, description="drive against the order of the track's rows; null: as in training"
    )
    randomisation: RandomisationSpec = Field(
        default=RandomisationSpec(), description="what differs from attempt to attempt; by default nothing"
    )
    seed: int = Field(default=0, ge=0, lt=2**31 - 100, description="of what is drawn: places of objects, lane changes")
    opponent: OpponentSpec | None = Field(default=None, description="whom a race of the type HEAD_TO_MODEL is against")


class StoredFile(BaseModel):
    """A file of a job that waits in the artifact store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Where it belongs in the run directory."""
    key: str


class JobSpec(BaseModel):
    """What a row of the queue says about its job. The API writes it, the runner reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: TrainSpec
    """Of the training itself, or of the training whose checkpoint is evaluated or exported."""
    evaluate: EvaluateSpec | None = None
    export: ExportSpec | None = None
    files: tuple[StoredFile, ...]
    """The reward function, the track, the weights of the parent or of the checkpoint in question."""
    checkpoint_index: dict[str, Any] | None = None
    """For an evaluation or an export: the index of the checkpoints that it is given."""


class TrainResult(BaseModel):
    """How a training ended; written last, as ``result.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["SUCCEEDED", "FAILED", "CANCELLED"]
    reason: str
    """A sentence: the stop rule that was met, or the error."""
    is_user_error: bool = False
    reward_line: int | None = None
    """Where the reward function failed, 1-based."""
    reward_params: RewardParams | None = None
    """The parameters of the step at which it failed."""
    total_steps: int
    iterations: int
    episodes: int
    training_seconds: float
    """Wall-clock seconds of the training loop, resumed parts included."""
    best_checkpoint: str | None
    best_lap_time_s: float | None
    reward_errors: int = 0
    """Failed calls of the reward function whose steps got the floor value."""
    stage: int | None = None
    """The stage of the curriculum that was reached, 1-based; None without one."""
