"""``deepracer-local train``: lays out a run, starts its trainer, shows its progress."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from deepracer_local.cli._conditions import (
    AlternateDirection,
    Randomisation,
    StartPosition,
    randomisation_field,
    start_fields,
)
from deepracer_local.cli._curriculum import CurriculumFile, read_curriculum, stages_said
from deepracer_local.cli._learning import draw_learning_of
from deepracer_local.cli._output import EXIT_OUR_FAULT, EXIT_USER_FAULT, messages, print_json
from deepracer_local.cli._progress import ProgressView, make_progress_view
from deepracer_local.cli._race import (
    Bots,
    BotSpeed,
    LaneChanges,
    ObstacleAt,
    Obstacles,
    RaceFile,
    RaceTypeName,
    RandomPlaces,
    race_fields,
)
from deepracer_local.cli._tracks_option import Tracks, read_tracks
from deepracer_local.domain import (
    BEST_RULE,
    CAMERA_PROFILES,
    CameraSpec,
    CurriculumWish,
    StopRules,
    TrackShare,
    TrainResult,
    TrainSpec,
    choose_metadata,
    default_hyperparameters,
    first_error,
    load_hyperparameters,
    load_model_metadata,
    load_sensor_settings,
    require_same_shape,
    with_curriculum,
)
from deepracer_local.errors import RunDirectoryError, SpecError, UnknownNameError
from deepracer_local.runs import POLICY_FILE, Checkpoints, RunDirectory
from deepracer_local.settings import Settings
from deepracer_local.workers import TrainerProcess

_POLL_S = 0.1
_DEFAULT_TRACK = "reinvent_2018"

app = typer.Typer(add_completion=False)


@app.command()
def train(
    track: Tracks = None,
    reward: Annotated[Path | None, typer.Option(help="The file with your reward_function.")] = None,
    hyperparameters: Annotated[Path | None, typer.Option(help="A hyperparameters.json, unchanged.")] = None,
    model_metadata: Annotated[Path | None, typer.Option(help="A model_metadata.json, unchanged.")] = None,
    network: Annotated[
        str | None, typer.Option(help="fast, shallow, deep or deeper; overrules model_metadata.json.")
    ] = None,
    algorithm: Annotated[
        str | None, typer.Option(help="ppo, or sac for continuous actions; overrules model_metadata.json.")
    ] = None,
    clone: Annotated[
        Path | None, typer.Option(help="A run to begin with: its weights, and its files where none are given.")
    ] = None,
    checkpoint: Annotated[str, typer.Option(help="With --clone: best, last or a name.")] = "best",
    camera: Annotated[str | None, typer.Option(help="The lens: simulator or physical; simulator.")] = None,
    sensor: Annotated[
        list[str] | None,
        typer.Option(help="Overrules model_metadata.json: LEFT_CAMERA, LIDAR, ...; repeatable."),
    ] = None,
    sensor_settings: Annotated[
        Path | None, typer.Option(help="A JSON file with rate, delay and noise of the sensors.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights, with one thread.")] = 0,
    max_minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes of training.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Stop after so many environment steps.")] = None,
    max_episodes: Annotated[int | None, typer.Option(help="Stop after so many episodes.")] = None,
    stop_after_clean_laps: Annotated[
        int | None, typer.Option(help="Stop after so many clean evaluation laps in a row.")
    ] = None,
    evaluate_every: Annotated[int, typer.Option(help="Policy updates between two evaluations.")] = 1,
    evaluation_laps: Annotated[
        int | None, typer.Option(help="Laps of each evaluation; 3, or as many as --stop-after-clean-laps.")
    ] = None,
    cars: Annotated[int, typer.Option(help="Cars that collect steps side by side.")] = 16,
    threads: Annotated[int, typer.Option(help="Threads of the learner.")] = 1,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Drive against the direction of the track's file.")
    ] = False,
    race: RaceFile = None,
    race_type: RaceTypeName = None,
    obstacles: Obstacles = None,
    obstacle: ObstacleAt = None,
    bots: Bots = None,
    bot_speed: BotSpeed = None,
    lane_changes: LaneChanges = False,
    random_places: RandomPlaces = False,
    start_position: StartPosition = None,
    alternate_direction: AlternateDirection = False,
    randomisation: Randomisation = None,
    curriculum: CurriculumFile = None,
    reward_error_floor: Annotated[
        float | None, typer.Option(help="Reward of a step at which the function fails; without it that ends the run.")
    ] = None,
    max_reward_errors: Annotated[int, typer.Option(help="With a floor: so many failures end the run.")] = 100,
    out: Annotated[Path | None, typer.Option(help="The run directory to make, or to go on with.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run in --out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Train a car, or go on with an interrupted training.

    Without files: five steering angles at 1 m/s, the centre-line reward, and the network and hyperparameters that
    learn fastest on a CPU. Without a stop rule: ten minutes. Ctrl-C stops and keeps the model.
    """
    with TrainerProcess(
        resume=resume, sandbox=Settings().sandbox_options
    ) as process:  # first of all: it loads its libraries meanwhile
        stop = {
            "max_minutes": max_minutes,
            "max_steps": max_steps,
            "max_episodes": max_episodes,
            "clean_laps": stop_after_clean_laps,
        }
        if resume:
            run, spec = _resumed(out, stop)
        else:
            parent = _parent(clone, checkpoint) if clone is not None else None
            given = load_model_metadata(model_metadata) if model_metadata is not None else None
            if given is None and parent is not None:
                given = parent.spec.model_metadata
            metadata = choose_metadata(given, network=network, algorithm=algorithm)
            if sensor:
                metadata = metadata.with_sensors(sensor)
            chosen = race_fields(
                race,
                race_type,
                obstacles=obstacles,
                obstacle=obstacle,
                bots=bots,
                bot_speed=bot_speed,
                lane_changes=lane_changes,
                random_places=random_places,
            )
            spec_fields: dict[str, Any] = {
                "seed": seed,
                "n_envs": cars,
                "evaluate_every": evaluate_every,
                "n_threads": threads,
                "race": {
                    "reverse_dir": reverse,
                    **chosen,
                    **start_fields(start_position, alternate=alternate_direction),
                },
                **randomisation_field(randomisation),
                "model_metadata": metadata,
                "reward_error_floor": reward_error_floor,
                "max_reward_errors": max_reward_errors,
                "stop": stop if any(stop.values()) else {"max_minutes": 10.0},
            }
            if camera is not None:
                spec_fields["camera"] = _camera(camera)
            if sensor_settings is not None:
                spec_fields["sensor_settings"] = load_sensor_settings(sensor_settings, metadata.sensor)
            if hyperparameters is not None:
                spec_fields["hyperparameters"] = load_hyperparameters(hyperparameters)
            laps = _evaluation_laps(evaluation_laps, stop_after_clean_laps)
            if laps is not None:
                spec_fields["evaluation_laps"] = laps
            stages = read_curriculum(curriculum)
            run, spec = _new(read_tracks(track), reward, out, spec_fields, parent=parent, stages=stages)
        if not as_json:
            messages().print(f"training on {_where(spec)}: run directory {run.path}", markup=False)
        process.start(run)
        result = _watch(process, run, make_progress_view(spec, quiet=as_json))
    _report(run, result, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Parent:
    """Whose weights a training begins with."""

    run: RunDirectory
    spec: TrainSpec
    weights: bytes


def _parent(path: Path, checkpoint: str) -> _Parent:
    run = RunDirectory(path)
    spec = run.read_spec()
    file = Checkpoints(run.checkpoints_path).find(checkpoint) / POLICY_FILE
    try:
        return _Parent(run, spec, file.read_bytes())
    except OSError as err:
        raise RunDirectoryError(f"Expected weights in {file}, got: {err.strerror}. Choose another checkpoint.") from err


def _evaluation_laps(wished: int | None, clean_laps: int | None) -> int | None:
    """Returns how many laps an evaluation has; None for the default.

    Raises:
        SpecError: fewer than have to be clean in a row.
    """
    if wished is not None and clean_laps is not None and wished < clean_laps:
        raise SpecError(
            f"--evaluation-laps: expected at least {clean_laps}, as many as --stop-after-clean-laps, got {wished}.",
            field="evaluation_laps",
        )
    return wished or clean_laps


def _camera(name: str) -> CameraSpec:
    for profile, camera in CAMERA_PROFILES.items():
        if profile == name:
            return camera
    raise UnknownNameError("camera", name, CAMERA_PROFILES)


def _where(spec: TrainSpec) -> str:
    roads = ", ".join(road.label for road in spec.roads)
    return roads if spec.curriculum is None else f"{roads} after {spec.n_stages - 1} earlier stages"


def _new(
    wanted: list[TrackShare],
    reward: Path | None,
    out: Path | None,
    spec_fields: dict[str, Any],
    *,
    parent: _Parent | None,
    stages: CurriculumWish | None,
) -> tuple[RunDirectory, TrainSpec]:
    """Checks everything that can be checked without running user code, and lays out the run directory."""
    from deepracer_local.race import require_room, require_room_in_stages  # noqa: PLC0415
    from deepracer_local.reward import find_example, parse_reward, read_reward_text  # noqa: PLC0415  # see TrainerProcess
    from deepracer_local.track import Track, builtin_tracks_dir, find_track  # noqa: PLC0415
    from deepracer_local.workers.layout import lay_out_run  # noqa: PLC0415

    settings = Settings()
    tracks: dict[str, Track] = {}

    def name_of(name_or_path: str) -> str:
        track = find_track(name_or_path, [builtin_tracks_dir(), settings.user_tracks_dir])
        return tracks.setdefault(track.name, track).name

    roads = [road.model_copy(update={"track": name_of(road.track)}) for road in wanted or _tracks_of(parent)]
    if len(roads) > 1 or roads[0].reverse is not None:
        spec_fields["tracks"] = roads
    if reward is None:
        reward = find_example("center_line").path if parent is None else parent.run.reward_path
    reward_text = read_reward_text(reward)
    source = parse_reward(reward_text, str(reward))
    for notice in source.notices:
        messages().print(f"note: {notice}", markup=False)
    spec = _spec(roads[0].track, spec_fields, parent)
    if stages is not None:
        spec = with_curriculum(spec, stages.renamed(name_of))
    if spec.curriculum is not None:
        require_room_in_stages(spec.curriculum, tracks)
    else:
        for each in tracks.values():
            require_room(spec.race, each)
    path = out or settings.runs_dir / f"{spec.track}-{time.strftime('%Y%m%d-%H%M%S')}"
    initial = None if parent is None else parent.weights
    main, *further = (tracks[name] for name in spec.track_names)
    run = lay_out_run(path, spec, track=main, reward_text=reward_text, initial_policy=initial, further_tracks=further)
    return run, spec


def _tracks_of(parent: _Parent | None) -> list[TrackShare]:
    """Returns the tracks of a training that names none: the parent's own."""
    if parent is None:
        return [TrackShare(track=_DEFAULT_TRACK)]
    folder = parent.run.tracks_path
    return [road.model_copy(update={"track": str(folder / road.track)}) for road in parent.spec.roads]


def _spec(track: str, fields: dict[str, Any], parent: _Parent | None) -> TrainSpec:
    kept: dict[str, Any] = {"hyperparameters": default_hyperparameters(fields["model_metadata"])}
    if parent is not None:
        kept = {
            "hyperparameters": parent.spec.hyperparameters,
            "camera": parent.spec.camera,
            "sensor_settings": parent.spec.sensor_settings,
            "randomisation": parent.spec.randomisation,
        }
    try:
        spec = TrainSpec.model_validate({"track": track, **kept, **fields})
    except ValidationError as err:
        raise _spec_error(err) from err
    if parent is not None:
        require_same_shape(parent.spec, spec)
    return spec


def _spec_error(err: ValidationError) -> SpecError:
    field, message = first_error(err)
    return SpecError(message, field=field)


def _resumed(path: Path | None, stop: dict[str, Any]) -> tuple[RunDirectory, TrainSpec]:
    """Takes up a run with its own spec and files; new stop rules replace those it was started with."""
    if path is None:
        raise SpecError("--resume: expected --out with the directory of the interrupted run. Add it.", field="out")
    run = RunDirectory(path)
    spec = run.read_spec()
    changes = {name: value for name, value in stop.items() if value is not None}
    if changes:
        try:
            spec = spec.model_copy(update={"stop": StopRules.model_validate(changes)})
        except ValidationError as err:
            raise _spec_error(err) from err
        run.write_spec(spec)
    run.result_path.unlink(missing_ok=True)
    return run, spec


def _watch(process: TrainerProcess, run: RunDirectory, view: ProgressView) -> TrainResult:
    """Shows the progress until the trainer ends; Ctrl-C asks it to stop, a second one ends it."""
    with view:
        try:
            while not process.has_ended(_POLL_S):
                view.update(run)
        except KeyboardInterrupt:
            messages().print("stopping: writing the last checkpoint")
            process.stop()
            process.wait_or_kill()
        view.update(run)
    return process.result()


def _report(run: RunDirectory, result: TrainResult, *, as_json: bool) -> None:
    wall = run.read_sandbox()
    if wall and not wall["is_up"]:
        messages().print(
            f"warning: the reward function ran with limits but without a wall: {'; '.join(wall['missing'])}. Run only "
            "your own on this machine; docs/sandbox.md says what a wall needs.",
            markup=False,
        )
    plot = draw_learning_of(run)
    if as_json:
        print_json({"run": str(run.path), "plot": str(plot) if plot else None} | result.model_dump(mode="json"))
    else:
        _print(run, result, plot)
    if result.state == "FAILED":
        raise typer.Exit(EXIT_USER_FAULT if result.is_user_error else EXIT_OUR_FAULT)


def _print(run: RunDirectory, result: TrainResult, plot: Path | None) -> None:
    out = messages()
    out.print(
        f"{result.state.lower()}: {result.reason} ({result.total_steps} steps, {result.training_seconds:.1f} s)",
        markup=False,
    )
    if result.reward_params is not None:
        shown = {k: v for k, v in result.reward_params.items() if k != "waypoints" and v != []}
        out.print(f"the step at which it failed: {shown}", markup=False)
    for said in stages_said(run.read_spec(), run, result.stage):
        out.print(said, markup=False)
    if result.reward_errors:
        out.print(f"failed reward calls: {result.reward_errors}, see reward_errors.jsonl", markup=False)
    lap = f"{result.best_lap_time_s:.3f} s" if result.best_lap_time_s is not None else "none yet"
    out.print(f"best lap: {lap}", markup=False)
    out.print(f"best checkpoint: {result.best_checkpoint or 'none'} (best is {BEST_RULE})", markup=False)
    out.print(f"run directory: {run.path}", markup=False)
    if plot is not None:
        out.print(f"learning plot: {plot}", markup=False)
    if result.best_checkpoint is not None:
        out.print(f"next: deepracer-local evaluate {run.path}", markup=False)
