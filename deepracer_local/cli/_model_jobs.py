"""The commands of ``deepracer-local models`` that queue work: create, clone, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli._conditions import (
    AlternateDirection,
    Randomisation,
    StartPosition,
    randomisation_json,
    start_fields,
)
from deepracer_local.cli._curriculum import CurriculumFile, curriculum_json
from deepracer_local.cli._model_results import print_laps
from deepracer_local.cli._opponent import OpponentCheckpoint, OpponentDistance, OpponentLane, opponent_fields
from deepracer_local.cli._output import messages, print_json
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
from deepracer_local.cli._race_rules import (
    CollisionPenalty,
    OffTrack,
    OffTrackPenalty,
    Resets,
    Reverse,
    Seed,
    StartOffset,
    StopBetweenLaps,
    rule_fields,
)
from deepracer_local.cli._service import (
    Json,
    ModelId,
    describe_job,
    resolve,
    service,
)
from deepracer_local.cli._tracks_option import Tracks, tracks_json
from deepracer_local.client import ModelHandle
from deepracer_local.domain import (
    Hyperparameters,
    ModelMetadata,
    load_hyperparameters,
    load_model_metadata,
)

app = typer.Typer()

Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end and show the progress.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What to call the model.")] = "model",
    reward: Annotated[Path | None, typer.Option(help="The file with your reward_function.")] = None,
    track: Tracks = None,
    hyperparameters: Annotated[Path | None, typer.Option(help="A hyperparameters.json, unchanged.")] = None,
    model_metadata: Annotated[Path | None, typer.Option(help="A model_metadata.json, unchanged.")] = None,
    network: Annotated[str | None, typer.Option(help="fast, shallow, deep or deeper.")] = None,
    algorithm: Annotated[str | None, typer.Option(help="ppo, or sac for continuous actions.")] = None,
    sensor: Annotated[
        list[str] | None,
        typer.Option(help="Overrules model_metadata.json: LEFT_CAMERA, LIDAR, ...; repeatable."),
    ] = None,
    sensor_settings: Annotated[
        Path | None, typer.Option(help="A JSON file with rate, delay and noise of the sensors.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = 0,
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
    max_minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes of training.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Stop after so many environment steps.")] = None,
    stop_after_clean_laps: Annotated[int | None, typer.Option(help="Stop after so many clean laps in a row.")] = None,
    reward_error_floor: Annotated[
        float | None, typer.Option(help="Reward of a step at which the function fails; without it that ends the run.")
    ] = None,
    max_reward_errors: Annotated[int | None, typer.Option(help="With a floor: so many failures end the run.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key submits once.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file of `models export`, alone.")] = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Create a model and queue its training."""
    if file is not None:
        with service(as_json=as_json) as client:
            model = client.train_again(file, idempotency_key=idempotency_key)
            follow(model, wait=wait, as_json=as_json)
            answer(model.info, as_json=as_json)
        return
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
    given = {
        **tracks_json(track),
        "network": network,
        "algorithm": algorithm,
        "sensors": sensor or None,
        "seed": seed,
        "reverse": reverse,
        "race": (chosen | start_fields(start_position, alternate=alternate_direction)) or None,
        "randomisation": randomisation_json(randomisation),
        **curriculum_json(curriculum),
        "max_minutes": max_minutes,
        "max_steps": max_steps,
        "stop_after_clean_laps": stop_after_clean_laps,
        "reward_error_floor": reward_error_floor,
        "max_reward_errors": max_reward_errors,
    }
    with service(as_json=as_json) as client:
        model = client.train(
            reward,
            name=name,
            hyperparameters=hyperparameters,
            model_metadata=model_metadata,
            sensor_settings=sensor_settings,
            idempotency_key=idempotency_key,
            **{key: value for key, value in given.items() if value is not None},
        )
        follow(model, wait=wait, as_json=as_json)
        answer(model.info, as_json=as_json)


@app.command()
def evaluate(
    model: ModelId,
    trials: Annotated[int, typer.Option(min=1, max=100, help="Laps, or attempts at one.")] = 3,
    track: Annotated[str | None, typer.Option(help="Another track than the one trained on.")] = None,
    checkpoint: Annotated[str, typer.Option(help="best, last, or the name of a checkpoint.")] = "best",
    insight: Annotated[bool, typer.Option(help="Write down what the network made of each picture.")] = True,
    race: RaceFile = None,
    race_type: RaceTypeName = None,
    obstacles: Obstacles = None,
    obstacle: ObstacleAt = None,
    bots: Bots = None,
    bot_speed: BotSpeed = None,
    lane_changes: LaneChanges = False,
    random_places: RandomPlaces = False,
    off_track: OffTrack = None,
    off_track_penalty: OffTrackPenalty = None,
    collision_penalty: CollisionPenalty = None,
    resets: Resets = None,
    stop_between_laps: StopBetweenLaps = False,
    start_offset: StartOffset = None,
    reverse: Reverse = None,
    randomisation: Randomisation = None,
    seed: Seed = 0,
    opponent: Annotated[str | None, typer.Option(help="Another model, by id or name, to race against.")] = None,
    opponent_checkpoint: OpponentCheckpoint = "best",
    opponent_distance: OpponentDistance = None,
    opponent_lane: OpponentLane = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Only queue them; `models laps` shows them.")] = False,
    as_json: Json = False,
) -> None:
    """Drive laps with a model and wait for them."""
    given = race_fields(
        race,
        race_type,
        obstacles=obstacles,
        obstacle=obstacle,
        bots=bots,
        bot_speed=bot_speed,
        lane_changes=lane_changes,
        random_places=random_places,
    )
    given |= rule_fields(
        off_track,
        off_track_penalty=off_track_penalty,
        collision_penalty=collision_penalty,
        resets=resets,
        stop_between_laps=stop_between_laps,
        start_offset=start_offset,
    )
    has_opponent = opponent is not None
    given = opponent_fields(given, has_opponent=has_opponent, distance=opponent_distance, lane=opponent_lane)
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        options: dict[str, Any] = {"trials": trials, "checkpoint": checkpoint, "insight": insight, "reverse": reverse}
        options |= {"track": track, "race": given or None, "seed": seed}
        options |= {"randomisation": randomisation_json(randomisation)}
        if opponent is not None:
            options |= {"opponent": resolve(client, opponent), "opponent_checkpoint": opponent_checkpoint}
        evaluation = handle.queue_evaluation(**options) if no_wait else handle.evaluate(**options).evaluation or {}
    if as_json:
        print_json(evaluation)
    elif no_wait:
        typer.echo(f"evaluation {evaluation['id']}: {describe_job(evaluation)}")
    else:
        print_laps(evaluation)


@app.command()
def clone(
    model: ModelId,
    name: Annotated[str | None, typer.Option(help="What to call the new model.")] = None,
    reward: Annotated[Path | None, typer.Option(help="Another reward function.")] = None,
    track: Annotated[str | None, typer.Option(help="Another track.")] = None,
    hyperparameters: Annotated[Path | None, typer.Option(help="Another hyperparameters.json.")] = None,
    model_metadata: Annotated[Path | None, typer.Option(help="Other speeds and angles of as many actions.")] = None,
    checkpoint: Annotated[str, typer.Option(help="Whose weights to begin with.")] = "best",
    curriculum: CurriculumFile = None,
    seed: Annotated[int | None, typer.Option(help="Another seed.")] = None,
    max_minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes of training.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Stop after so many environment steps.")] = None,
    stop_after_clean_laps: Annotated[int | None, typer.Option(help="Stop after so many clean laps in a row.")] = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Train a new model that begins with the weights of this one."""
    text = reward.read_text(encoding="utf-8") if reward is not None else None
    given = {
        "name": name,
        "reward_function": text,
        "track": track,
        "hyperparameters": _plain(load_hyperparameters(hyperparameters)) if hyperparameters else None,
        "model_metadata": _plain(load_model_metadata(model_metadata)) if model_metadata else None,
        **curriculum_json(curriculum),
        "seed": seed,
        "max_minutes": max_minutes,
        "max_steps": max_steps,
        "stop_after_clean_laps": stop_after_clean_laps,
    }
    with service(as_json=as_json) as client:
        parent = client.model(resolve(client, model))
        child = parent.clone(checkpoint=checkpoint, **{k: v for k, v in given.items() if v is not None})
        follow(child, wait=wait, as_json=as_json)
        answer(child.info, as_json=as_json)


def follow(model: ModelHandle, *, wait: bool, as_json: bool) -> None:
    """Waits for the end of the model's job, telling of every change."""
    if not wait:
        return
    said = ""

    def tell(job: dict[str, Any]) -> None:
        nonlocal said
        line = describe_job(job)
        if line != said and not as_json:
            messages().print(line, markup=False)
        said = line

    model.wait(tell)


def answer(info: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(info)
        return
    typer.echo(f"{info['name']} ({info['id']}) on {info['track']}: {info['status']}")
    typer.echo(
        f"best lap {describe_seconds(info['best_lap_time_s'])}, best checkpoint {info['best_checkpoint'] or 'none'}"
    )
    for job in info["jobs"]:
        typer.echo(f"  {job['kind'].lower()} {job['id']}: {describe_job(job)}")


def _plain(content: Hyperparameters | ModelMetadata) -> dict[str, Any]:
    return content.model_dump(mode="json")


def describe_seconds(value: float | None) -> str:
    """Returns a lap time for people."""
    return f"{value:.3f} s" if value is not None else "none yet"
