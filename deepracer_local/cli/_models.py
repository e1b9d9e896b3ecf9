"""``deepracer-local models ...``: the service's models from the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli import _model_exports, _model_insight, _model_jobs, _model_results, _model_traces
from deepracer_local.cli._log_lines import print_log
from deepracer_local.cli._model_jobs import answer, describe_seconds, follow
from deepracer_local.cli._output import print_json
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
from deepracer_local.domain import (
    ExportFormat,
)
from deepracer_local.simlog import Layout

app = typer.Typer(help="Create, watch, evaluate and download models of the service.", no_args_is_help=True)
app.add_typer(_model_jobs.app)
app.add_typer(_model_results.app)
app.add_typer(_model_traces.app)
app.add_typer(_model_insight.app)
app.add_typer(_model_exports.app)


class What(StrEnum):
    """What of a model can be downloaded."""

    MODEL = "model"
    TRAINING_LOGS = "training-logs"
    EVALUATION_LOGS = "evaluation-logs"


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
    rows = [[m["id"], m["name"], m["status"], m["track"], describe_seconds(m["best_lap_time_s"])] for m in found]
    print_table("", ["id", "name", "status", "track", "best lap"], rows)


@app.command()
def show(model: ModelId, as_json: Json = False) -> None:
    """Show one model and its jobs."""
    with service(as_json=as_json) as client:
        answer(client.model(resolve(client, model)).info, as_json=as_json)


@app.command()
def wait(model: ModelId, as_json: Json = False) -> None:
    """Wait until the model's job is over."""
    with service(as_json=as_json) as client:
        handle = client.model(resolve(client, model))
        follow(handle, wait=True, as_json=as_json)
        answer(handle.info, as_json=as_json)


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


def _answer_line(value: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        typer.echo(", ".join(f"{key} {shown}" for key, shown in value.items() if key in {"deleted", "name", "id"}))
