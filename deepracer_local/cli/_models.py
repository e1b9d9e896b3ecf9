"""``deepracer-local models ...``: the service's models from the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli import _model_exports, _model_insight, _model_results, _model_traces
from deepracer_local.cli._log_lines import print_log
from deepracer_local.cli._model_results import print_laps
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
    describe_test,
    print_saved,
    print_table,
    resolve,
    service,
)
from deepracer_local.client import ModelHandle
from deepracer_local.domain import (
    ExportFormat,
    Hyperparameters,
    ModelMetadata,
    load_hyperparameters,
    load_model_metadata,
)
from deepracer_local.simlog import Layout

app = typer.Typer(help="Create, watch, evaluate and download models of the service.", no_args_is_help=True)
app.add_typer(_model_results.app)
app.add_typer(_model_traces.app)
app.add_typer(_model_insight.app)
app.add_typer(_model_exports.app)


class What(StrEnum):
    """What of a model can be downloaded."""

    MODEL = "model"
    TRAINING_LOGS = "training-logs"
    EVALUATION_LOGS = "evaluation-logs"


Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end and show the progress.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What to call the model.")] = "model",
    reward: Annotated[Path | None, typer.Option(help="The file with your reward_function.")] = None,
    track: Annotated[str, typer.Option(help="A track's name.")] = "reinvent_2018",
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
            _follow(model, wait=wait, as_json=as_json)
            _answer(model.info, as_json=as_json)
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
        "track": track,
        "network": network,
        "algorithm": algorithm,
        "sensors": sensor or None,
        "seed": seed,
        "reverse": reverse,
        "race": chosen or None,
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
        _follow(model, wait=wait, as_json=as_json)
        _answer(model.info, as_json=as_json)


@app.command("list")
def list_all(
    search: Annotated[str, typer.Option(help="Part of a name, description or tag.")] = "",
    tag: Annotated[str | None, typer.Option(help="Only models with this tag.")] = None,
    status: Annotated[str | None, typer.Option(help="Only models in this status, for example READY.")] = None,
    sort: Annotated[str | None, typer.Option(help="CREATED_AT, NAME, STATUS or BEST_LAP_TIME.")] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="The other way round.")] = False,
    as_json: Json = False,
) -> None:
    """List models, the newest first unless asked otherwise."""
    given = {"tag": tag, "status": status, "sort": sort, "descending": not ascending}
    with service(as_json=as_json) as client:
        found = client.models(search=search, **{key: value for key, value in given.items() if value is not None})
    if as_json:
        print_json({"models": found})
        return
    rows = [[m["id"], m["name"], m["status"], m["track"], _seconds(m["best_lap_time_s"])] for m in found]
    print_table("", ["id", "name", "status", "track", "best lap"], rows)


@app.command()
def show(model: ModelId, as_json: Json = False) -> None:
    """Show one model and its jobs."""
    with service(as_json=as_json) as client:
        _answer(client.model(resolve(client, model)).info, as_json=as_json)


@app.command()
def wait(model: ModelId, as_json: Json = False) -> None:
    """Wait until the model's job is over."""
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        _follow(handle, wait=True, as_json=as_json)
        _answer(handle.info, as_json=as_json)


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
    seed: Seed = 0,
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
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        options: dict[str, Any] = {"trials": trials, "checkpoint": checkpoint, "insight": insight, "reverse": reverse}
        options |= {"track": track, "race": given or None, "seed": seed}
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
        "seed": seed,
        "max_minutes": max_minutes,
        "max_steps": max_steps,
        "stop_after_clean_laps": stop_after_clean_laps,
    }
    with service(as_json=as_json) as client:
        parent = client.model(resolve(client, model))
        child = parent.clone(checkpoint=checkpoint, **{k: v for k, v in given.items() if v is not None})
        _follow(child, wait=wait, as_json=as_json)
        _answer(child.info, as_json=as_json)


@app.command()
def stop(model: ModelId, as_json: Json = False) -> None:
    """Stop the model's job; a training keeps its last checkpoint."""
    _act(model, "stop", as_json=as_json)


@app.command()
def pause(model: ModelId, as_json: Json = False) -> None:
    """Pause the model's job."""
    _act(model, "pause", as_json=as_json)


@app.command()
def resume(model: ModelId, as_json: Json = False) -> None:
    """Go on with the model's paused job."""
    _act(model, "resume", as_json=as_json)


@app.command()
def rename(model: ModelId, name: Annotated[str, typer.Argument(help="The new name.")], as_json: Json = False) -> None:
    """Rename a model."""
    with service(as_json=as_json) as client:
        _answer_line(client.request("PATCH", f"/models/{resolve(client, model)}", json={"name": name}), as_json=as_json)


@app.command("set")
def change(
    model: ModelId,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    description: Annotated[str | None, typer.Option(help="What there is to say about it.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; again for more. They replace the old ones.")] = None,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="Take all tags away.")] = False,
    as_json: Json = False,
) -> None:
    """Rename, describe or tag a model."""
    given = {"name": name, "description": description, "tags": [] if no_tags else tag or None}
    changes = {key: value for key, value in given.items() if value is not None}
    with service(as_json=as_json) as client:
        found = client.request("PATCH", f"/models/{resolve(client, model)}", json=changes)
    if as_json:
        print_json(found)
    else:
        typer.echo(f"{found['name']} ({found['id']}): {found['description'] or 'no description'}")
        typer.echo(f"tags: {', '.join(found['tags']) or 'none'}")


@app.command()
def download(
    model: ModelId,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file to write; else WHAT.tar.gz.")] = None,
    checkpoint: Annotated[str, typer.Option(help="best, last, or the name of a checkpoint.")] = "best",
    what: Annotated[What, typer.Option(help="The model, or logs in the original's formats.")] = What.MODEL,
    layout: Annotated[Layout, typer.Option(help="Of logs: the folders of console or drfc.")] = Layout.CONSOLE,
    form: Annotated[
        ExportFormat | None, typer.Option("--format", help="The model for the physical car or another program.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Download a model as a run directory in a tar.gz, with --format for the physical car, or its logs."""
    target = out or Path(form.file_name if form is not None else f"{what.value}.tar.gz")
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        if form is not None:
            _tell_test(target, handle.save_for_car(target, checkpoint=checkpoint, form=form.value), as_json=as_json)
            return
        if what is What.MODEL:
            path = handle.download(target, checkpoint=checkpoint)
        else:
            path = handle.save_logs(target, what.value.removesuffix("-logs"), layout=layout.value)
    print_saved(path, as_json=as_json)


@app.command()
def logs(
    model: ModelId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job is over.")] = False,
    search: Annotated[str, typer.Option(help="Only lines with this in them.")] = "",
    job: Annotated[str | None, typer.Option(help="Another job than the model's training: an evaluation.")] = None,
    as_json: Json = False,
) -> None:
    """Print what the trainer and the reward function print; with --json and --follow an object for each line."""
    with service(as_json=as_json) as client:
        model_id = resolve(client, model)
        job_id = job or client.request("GET", f"/models/{model_id}/logs", params={"limit": 1})["job_id"]
        print_log(job_id, client.log_lines(job_id, follow=follow, search=search), follow=follow, as_json=as_json)


@app.command()
def delete(model: ModelId, as_json: Json = False) -> None:
    """Delete a model with everything that belongs to it."""
    with service(as_json=as_json) as client:
        model_id = resolve(client, model)
        client.model(model_id).delete()
    _answer_line({"deleted": model_id}, as_json=as_json)


def _plain(content: Hyperparameters | ModelMetadata) -> dict[str, Any]:
    return content.model_dump(mode="json")


def _tell_test(path: Path, report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(path), **report})
    else:
        typer.echo(f"path {path}\n{describe_test(report)}")


def _act(model: str, action: str, *, as_json: bool) -> None:
    with service(as_json=as_json) as client:
        job = client.request("POST", f"/models/{resolve(client, model)}/{action}")
    if as_json:
        print_json(job)
    else:
        typer.echo(describe_job(job))


def _follow(model: ModelHandle, *, wait: bool, as_json: bool) -> None:
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


def _answer(info: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(info)
        return
    typer.echo(f"{info['name']} ({info['id']}) on {info['track']}: {info['status']}")
    typer.echo(f"best lap {_seconds(info['best_lap_time_s'])}, best checkpoint {info['best_checkpoint'] or 'none'}")
    for job in info["jobs"]:
        typer.echo(f"  {job['kind'].lower()} {job['id']}: {describe_job(job)}")


def _answer_line(value: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        typer.echo(", ".join(f"{key} {shown}" for key, shown in value.items() if key in {"deleted", "name", "id"}))


def _seconds(value: float | None) -> str:
    return f"{value:.3f} s" if value is not None else "none yet"
