"""From what a client asks for to the job that the runner finds in the queue."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from deepracer_local.api._curriculum import decoded, in_stages
from deepracer_local.api._fields import JsonObject, JsonValue, Name, Tag, Text, TrackName, below, naming, track_named
from deepracer_local.api._opponents import StoredCheckpoint, StoredOpponent, as_race_of_two, copy_opponent
from deepracer_local.api._services import Services
from deepracer_local.domain import CAMERA_PROFILES as LENSES
from deepracer_local.domain import (
    MAX_TRACKS,
    CameraProfile,
    EvaluateSpec,
    EvaluationRace,
    ExportFormat,
    ExportSpec,
    JobSpec,
    ModelMetadata,
    RaceSpec,
    RandomisationSpec,
    StopRules,
    StoredFile,
    TrackShare,
    TrainingRace,
    TrainSpec,
    choose_metadata,
    default_hyperparameters,
    evaluation_race,
    first_error,
    parse_hyperparameters,
    parse_model_metadata,
    parse_sensor_settings,
    to_randomisation,
    with_opponent,
)
from deepracer_local.errors import MetadataError, SpecError, TrackError, UnknownNameError
from deepracer_local.race import mirrored, require_room
from deepracer_local.reward import find_example, parse_reward
from deepracer_local.track import Track, save_track

MAX_COUNT = 10**12


class RoadWish(BaseModel):
    """One of several tracks of a training."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    track: TrackName
    weight: float = Field(default=1.0, gt=0, le=1000, description="its share of the cars, beside the other weights")
    reverse: bool | None = Field(default=None, description="the direction; null: as reverse of the training")


class CreateModel(BaseModel):
    """A new model and the training that makes it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: Name = Field(description="1 to 64 letters, digits, spaces, dots, hyphens and underscores")
    description: Text = Field(default="", max_length=255)
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    track: TrackName = "reinvent_2018"
    tracks: list[RoadWish] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_TRACKS,
        description="several tracks, over which the cars are spread by weight; overrules track",
    )
    reverse: bool = Field(default=False, description="drive against the direction of the track's file")
    race: TrainingRace | None = Field(default=None, description="objects on the road and starts; null: a time trial")
    reward_function: Text | None = Field(default=None, max_length=140_000, description="the source text")
    example: Text | None = Field(default=None, max_length=80, description="a shipped reward function instead")
    model_metadata: JsonValue = Field(default=None, description="the content of model_metadata.json, unchanged")
    hyperparameters: JsonObject | None = Field(default=None, description="the content of hyperparameters.json")
    network: str | None = Field(default=None, description="fast, shallow, deep or deeper; overrules the metadata")
    algorithm: str | None = Field(
        default=None,
        description="ppo or sac; overrules the metadata. sac chooses steering and speed from intervals, which without "
        "metadata are 30 degrees to either side and 0.5 to 1 m/s",
    )
    sensors: list[Text] | None = Field(
        default=None,
        max_length=8,
        description="FRONT_FACING_CAMERA, LEFT_CAMERA, STEREO_CAMERAS, LIDAR, ...; overrules the metadata",
    )
    sensor_settings: JsonObject | None = Field(
        default=None,
        description="by the sensor's name: rate_hz 1, 3, 5 or 15, delay_steps 0 to 15, noise_sigma (grey levels, m)",
    )
    randomisation: Text | JsonObject | None = Field(
        default=None,
        description="what differs from training episode to training episode: off, mild, strong, or an object of ranges "
        'such as {"friction": [0.8, 1.2]}; null: nothing',
    )
    curriculum: Annotated[Text | JsonObject | None, BeforeValidator(decoded)] = Field(
        default=None,
        description="stages with rules of advance, each with tracks, race, randomisation or a top speed of its own, "
        "as an object, or as text in JSON or YAML; null: one stage",
    )
    camera: CameraProfile = "simulator"
    seed: int = Field(default=0, ge=0, lt=2**31)
    cars: int = Field(default=16, ge=1, le=64)
    max_minutes: float | None = Field(default=None, gt=0, le=1440)
    max_steps: int | None = Field(default=None, ge=1, le=MAX_COUNT)
    max_episodes: int | None = Field(default=None, ge=1, le=MAX_COUNT)
    stop_after_clean_laps: int | None = Field(default=None, ge=1, le=100)
    reward_error_floor: float | None = Field(
        default=None,
        ge=-1e5,
        le=1e5,
        description="the reward of a step at which the function fails; null: the first failure ends the training",
    )
    max_reward_errors: int = Field(
        default=100, ge=1, le=1_000_000, description="with a floor: so many failures end the training all the same"
    )


class CreateEvaluation(BaseModel):
    """Laps to drive with a checkpoint of a model."""

    model_config = ConfigDict(extra="forbid")

    trials: int = Field(default=3, ge=1, le=100)
    checkpoint: Text = Field(default="best", max_length=20, description="best, last or a name")
    track: TrackName | None = Field(default=None, description="another track than the one trained on")
    video: bool = True
    insight: bool = Field(default=True, description="write down what the network made of each picture")
    race: EvaluationRace | None = Field(
        default=None,
        description="other rules and objects; without its race_type the training's objects stay; null: these, and the "
        "first fault ends an attempt",
    )
    reverse: bool | None = Field(default=None, description="the direction; null: as in training")
    randomisation: Text | JsonObject | None = Field(
        default=None, description="what differs from attempt to attempt, as of a training; null: nothing"
    )
    seed: int = Field(default=0, ge=0, lt=2**31 - 100, description="of places and lane changes that are drawn")
    opponent: Text | None = Field(
        default=None,
        max_length=40,
        description="the id of a model, this one too, to race against; race_type is HEAD_TO_MODEL then",
    )
    opponent_checkpoint: Text = Field(
        default="best", max_length=20, description="of the opponent: best, last or a name"
    )

    @model_validator(mode="before")
    @classmethod
    def _an_opponent_makes_it_a_race_of_two(cls, given: Any) -> Any:
        return as_race_of_two(given)


class CreateExport(BaseModel):
    """Files to make of a checkpoint of a model."""

    model_config = ConfigDict(extra="forbid")

    checkpoint: Text = Field(default="best", max_length=20, description="best, last or a name")
    formats: list[ExportFormat] = Field(
        default=[ExportFormat.CAR], min_length=1, max_length=len(ExportFormat), description="each at most once"
    )


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """A request that has been found good; nothing of it is stored yet."""

    spec: TrainSpec
    tracks: tuple[Track, ...]
    """Each once, the main one first."""
    reward_text: str


def plan_training(request: CreateModel, services: Services) -> TrainingPlan:
    """Returns what a request asks for.

    Raises:
        InvalidInputError: a field, the track, the reward function or one of the files is not usable.
    """
    with services.parsing:
        text = _reward_text(request)
        parse_reward(text, "reward_function.py")
    tracks = _tracks(request, services)
    spec = _train_spec(request, tracks[0])
    if request.curriculum is not None:
        spec, tracks = in_stages(spec, request.curriculum, tracks, services)
        return TrainingPlan(spec, tracks, text)
    with below("race"):
        for track in tracks:
            require_room(spec.race, track)
    return TrainingPlan(spec, tracks, text)


def training_job(plan: TrainingPlan, prefix: str, services: Services, *, weights_key: str | None) -> JobSpec:
    """Returns the job of a new model; its files are in the artifact store when this returns.

    Args:
        plan: what to train.
        prefix: of the keys of its files.
        services: where files go.
        weights_key: what a clone begins with. It gets a copy: its parent may be deleted before it starts.
    """
    store = services.store
    store.put(f"{prefix}/reward_function.py", plan.reward_text.encode(), content_type="text/x-python")
    files = [StoredFile(path="reward_function.py", key=f"{prefix}/reward_function.py")]
    for track in plan.tracks:
        files += store_track(track, prefix, services)
    if weights_key is not None:
        with store.open(weights_key) as source:
            store.put(f"{prefix}/initial/policy.safetensors", source.read())
        files.append(StoredFile(path="initial/policy.safetensors", key=f"{prefix}/initial/policy.safetensors"))
    return JobSpec(train=plan.spec, files=tuple(files))


def evaluation_job(  # what a job is made of
    request: CreateEvaluation,
    training: JobSpec,
    checkpoint: StoredCheckpoint,
    prefix: str,
    services: Services,
    *,
    opponent: StoredOpponent | None = None,
) -> JobSpec:
    """Returns the job that evaluates a checkpoint; it gets no reward function.

    Args:
        request: what is asked for.
        training: the job that made the model.
        checkpoint: what drives.
        prefix: of the keys of files of its own.
        services: where tracks and files are.
        opponent: whom it races against.

    Raises:
        SpecError: the race cannot be driven so.
    """
    files = checkpoint.stored_files()
    track, other = training.train.track, None
    if request.track is None or request.track == track:
        files += [file for file in training.files if file.path.startswith("track/")]
    else:
        other = track_named(request.track, services)
        track = other.name
        files += store_track(other, prefix, services)
    evaluate = EvaluateSpec(
        trials=request.trials,
        checkpoint=checkpoint.name,
        track=track,
        video=request.video,
        insight=request.insight,
        race=_evaluation_race(request, training.train.race, other or _known(track, services)),
        reverse=request.reverse,
        randomisation=_randomisation(request),
        seed=request.seed,
        opponent=opponent.spec if opponent is not None else None,
    )
    if opponent is not None:
        evaluate.randomisation.require_fits(opponent.train.camera)
        files += copy_opponent(opponent, prefix, services)
    index = {"best": checkpoint.name, "last": checkpoint.name}
    return JobSpec(train=training.train, evaluate=evaluate, files=tuple(files), checkpoint_index=index)


def export_job(request: CreateExport, training: JobSpec, checkpoint: StoredCheckpoint) -> JobSpec:
    """Returns the job that makes files of a checkpoint; the arguments as for ``evaluation_job``."""
    files = checkpoint.stored_files()
    files += [file for file in training.files if file.path.startswith("track/")]
    wish = ExportSpec(checkpoint=checkpoint.name, formats=tuple(dict.fromkeys(request.formats)))
    index = {"best": checkpoint.name, "last": checkpoint.name}
    return JobSpec(train=training.train, export=wish, files=tuple(files), checkpoint_index=index)


def store_track(track: Track, prefix: str, services: Services) -> list[StoredFile]:
    """Puts a copy of ``track`` into the artifact store; returns where it belongs in a run directory."""
    files = []
    with tempfile.TemporaryDirectory() as folder:
        save_track(track, Path(folder))
        for path in sorted(Path(folder).iterdir()):
            key = f"{prefix}/track/{track.name}/{path.name}"
            services.store.put(key, path)
            files.append(StoredFile(path=f"track/{track.name}/{path.name}", key=key))
    return files


def _reward_text(request: CreateModel) -> str:
    if request.reward_function is not None and request.example is not None:
        raise SpecError("Expected reward_function or example, got both. Leave one out.", field="example")
    if request.reward_function is not None:
        return request.reward_function
    with naming("example"):
        return find_example(request.example or "center_line").text


def _train_spec(request: CreateModel, track: Track) -> TrainSpec:
    stop = StopRules(
        max_minutes=request.max_minutes,
        max_steps=request.max_steps,
        max_episodes=request.max_episodes,
        clean_laps=request.stop_after_clean_laps,
    )
    if stop == StopRules():
        stop = StopRules(max_minutes=10.0)
    metadata = _metadata(request)
    with below("hyperparameters"):
        given = request.hyperparameters
        hyperparameters = default_hyperparameters(metadata) if given is None else parse_hyperparameters(given)
    sensor_settings = parse_sensor_settings(request.sensor_settings or {}, metadata.sensor)
    randomisation = _randomisation(request)
    randomisation.require_fits(LENSES[request.camera])
    try:
        return TrainSpec(
            track=track.name,
            tracks=tuple(TrackShare.model_validate(road.model_dump()) for road in request.tracks or ()),
            seed=request.seed,
            n_envs=request.cars,
            camera=LENSES[request.camera],
            race=_race_spec(request),
            model_metadata=metadata,
            sensor_settings=sensor_settings,
            randomisation=randomisation,
            hyperparameters=hyperparameters,
            stop=stop,
            evaluation_laps=stop.clean_laps or 3,
            reward_error_floor=request.reward_error_floor,
            max_reward_errors=request.max_reward_errors,
        )
    except ValidationError as err:
        field, message = first_error(err)
        raise SpecError(message, field=field) from err


def _tracks(request: CreateModel, services: Services) -> tuple[Track, ...]:
    """Returns the tracks that are asked for, each once, the main one first."""
    if not request.tracks:
        return (track_named(request.track, services),)
    with below("tracks"):
        return tuple({road.track: track_named(road.track, services) for road in request.tracks}.values())


def _randomisation(request: CreateModel | CreateEvaluation) -> RandomisationSpec:
    with naming("randomisation"):
        return to_randomisation(request.randomisation)


def _race_spec(request: CreateModel) -> RaceSpec:
    chosen = {} if request.race is None else request.race.model_dump()
    return RaceSpec(**chosen, reverse_dir=request.reverse)


def _evaluation_race(request: CreateEvaluation, own: RaceSpec, track: Track | None) -> EvaluationRace | None:
    """Returns the race that is asked for; its objects have room on the track, where that is at hand."""
    given = {} if request.race is None else request.race.model_dump(exclude_unset=True)
    given = with_opponent(given, has_opponent=request.opponent is not None)
    race = evaluation_race(own, given) if request.race is not None or given else None
    if track is not None:
        with below("race"):
            require_room(race or own, track)
            if race is not None and request.opponent is not None:
                mirrored(race, track)  # the opponent starts on the road
    return race


def _known(track: str, services: Services) -> Track | None:
    """Returns the track of this name; None where it has been deleted since the training took its copy."""
    try:
        return services.tracks.get(track)
    except (UnknownNameError, TrackError):
        return None


def _metadata(request: CreateModel) -> ModelMetadata:
    with below("model_metadata"):
        given = parse_model_metadata(request.model_metadata) if request.model_metadata is not None else None
    try:
        metadata = choose_metadata(given, network=request.network, algorithm=request.algorithm)
    except MetadataError as err:  # the metadata by itself was good
        raise SpecError(f"algorithm: {err}", field="algorithm") from err
    return metadata if request.sensors is None else metadata.with_sensors(request.sensors)
